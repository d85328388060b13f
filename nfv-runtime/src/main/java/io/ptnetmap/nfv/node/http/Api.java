// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.RefusedException;
import io.ptnetmap.nfv.node.model.ProblemDetails;
import io.ptnetmap.nfv.node.model.ProblemDetails.FieldError;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers requests: finds the route, checks who asks, and makes problems of what goes wrong. Thread-safe; may block. */
final class Api {
    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    /** Longest body: that of a descriptor, and some room for the ways to write it. */
    static final int MOST_BODY = 1 << 20;
    /** Longest address, with its query. */
    static final int MOST_ADDRESS = 8 << 10;

    /** RFC 9110 §5.6.2. */
    private static final Pattern METHOD = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}");
    /** RFC 3986 §3.3. Nothing else reaches the log, or an answer. */
    private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*+");

    private static final Pattern NOT_ENCODED = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not found"),
            Map.entry(405, "Method not allowed"),
            Map.entry(406, "Not acceptable"),
            Map.entry(408, "Request timeout"),
            Map.entry(409, "Conflict"),
            Map.entry(412, "Precondition failed"),
            Map.entry(413, "Content too large"),
            Map.entry(414, "Address too long"),
            Map.entry(415, "Unsupported media type"),
            Map.entry(421, "Misdirected request"),
            Map.entry(422, "Invalid content"),
            Map.entry(431, "Header too large"),
            Map.entry(500, "Internal error"),
            Map.entry(503, "Unavailable"));

    private final List<Route> routes;
    private final Authenticator authenticator;
    private final Admissions admissions;

    /** @param admissions for answers that go on and on */
    Api(List<Route> routes, Authenticator authenticator, Admissions admissions) {
        this.routes = List.copyOf(routes);
        this.authenticator = authenticator;
        this.admissions = admissions;
    }

    /** The answer to a request, whatever it is. */
    Reply handle(Request request) throws InterruptedException {
        try {
            return answer(request);
        } catch (ApiException refused) {
            return problem(refused.status(), refused.getMessage(), request, refused.errors(), refused.headers());
        } catch (RefusedException refused) {
            return problem(statusOf(refused), refused.getMessage(), request, refused.errors(), Map.of());
        } catch (RuntimeException | Error bug) {
            LOG.error("{} {}", request.method(), request.path(), bug);
            return problem(500, "the node's log says more", request, List.of(), Map.of());
        }
    }

    private Reply answer(Request request) throws InterruptedException {
        check(request);
        List<String> segments = request.segments();
        Set<String> allowed = new LinkedHashSet<>();
        for (Route route : routes) {
            Optional<Map<String, String>> path = route.match(segments);
            if (path.isPresent()) {
                // What has no body for GET has none for HEAD, and is the same otherwise.
                if (route.method().equals(request.method())
                        || route.method().equals("GET") && request.method().equals("HEAD")) {
                    return answer(route, new Parameters(request, path.get()));
                }
                allowed.add(route.method());
            }
        }
        if (!allowed.isEmpty()) {
            if (allowed.contains("GET")) {
                allowed.add("HEAD");
            }
            throw new ApiException(
                    405,
                    request.method() + " is not for this address, but " + String.join(", ", allowed) + " is",
                    List.of(),
                    Map.of("allow", String.join(", ", allowed)));
        }
        throw new ApiException(404, "nothing is at this address; /openapi.yaml says what there is");
    }

    private static void check(Request request) {
        if (request.path().length() + request.query().length() >= MOST_ADDRESS) {
            throw new ApiException(414, "the address is longer than " + MOST_ADDRESS + " bytes");
        }
        if (!METHOD.matcher(request.method()).matches()) {
            throw new ApiException(400, "the method is none");
        }
        if (!isPath(request.path())) {
            throw new ApiException(400, "the address is malformed; other characters than a URI's are percent-encoded");
        }
        if (request.body().length > MOST_BODY) {
            throw new ApiException(413, "a body may have " + MOST_BODY + " bytes at most");
        }
    }

    private static boolean isPath(String text) {
        return PATH.matcher(text).matches() && !NOT_ENCODED.matcher(text).find();
    }

    private Reply answer(Route route, Parameters parameters) throws InterruptedException {
        Request request = parameters.request();
        if (route.role().isPresent()) {
            Principal principal = authenticator.require(request, route.role().get());
            if (!request.method().equals("GET") && !request.method().equals("HEAD")) {
                LOG.info("{}: {} {}", principal.name(), request.method(), request.path());
            }
        }
        Reply reply = route.handler().handle(parameters);
        return reply instanceof Reply.Stream stream && route.role().isPresent()
                ? authenticator
                        .token(request)
                        .map(token ->
                                admissions.guard(stream, token, route.role().get()))
                        .orElse(stream)
                : reply;
    }

    private static int statusOf(RefusedException refused) {
        return switch (refused.reason()) {
            case MALFORMED -> 400;
            case INVALID -> 422;
            case NOT_FOUND -> 404;
            case CONFLICT -> 409;
            case OTHER_VERSION -> 412;
            case UNAVAILABLE -> 503;
        };
    }

    /** A problem as an answer. */
    static Reply problem(int status, String detail, Optional<String> instance) {
        return problem(status, detail, instance, List.of(), Map.of());
    }

    private static Reply problem(
            int status, String detail, Request request, List<FieldError> errors, Map<String, String> headers) {
        return problem(status, detail, Optional.of(request.path()), errors, headers);
    }

    private static Reply problem(
            int status,
            String detail,
            Optional<String> instance,
            List<FieldError> errors,
            Map<String, String> headers) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("content-type", "application/problem+json");
        return Reply.json(status, details(status, detail, instance, errors), all);
    }

    private static ProblemDetails details(
            int status, String detail, Optional<String> instance, List<FieldError> errors) {
        return new ProblemDetails(
                "about:blank",
                TITLES.getOrDefault(status, "Error"),
                status,
                Optional.ofNullable(detail),
                instance.filter(Api::isPath),
                errors);
    }

    /** What a refusal says to somebody whose answer has begun already. */
    static ProblemDetails details(RuntimeException refused) {
        return switch (refused) {
            case ApiException known -> details(known.status(), known.getMessage(), Optional.empty(), known.errors());
            case RefusedException known ->
                details(statusOf(known), known.getMessage(), Optional.empty(), known.errors());
            default -> {
                LOG.error("whether a token still holds cannot be told", refused);
                yield details(500, "the node's log says more", Optional.empty(), List.of());
            }
        };
    }
}
