// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.node.http;

import io.ptnetmap.nfv.node.model.Page;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Pages of lists: each begins behind the key of the last item of the one before. */
final class Paging {
    private static final int USUAL = 100;
    private static final int MOST = 1000;
    private static final int LONGEST_KEY = 400;

    private Paging() {}

    /**
     * The page that was asked for.
     *
     * @param key tells an item from all others of the list
     * @param view of an item, empty where that is gone meanwhile; made for those of the page only
     */
    static <T, V> Reply page(
            Parameters parameters, List<T> all, Function<T, String> key, Function<T, Optional<V>> view) {
        int limit = parameters.number("limit", 1, MOST).orElse(USUAL);
        int begin = parameters
                .text("after", LONGEST_KEY)
                .map(after -> behind(all, key, after))
                .orElse(0);
        List<T> items = all.subList(begin, Math.min(all.size(), begin + limit));
        Optional<String> next = begin + limit < all.size()
                ? Optional.of(address(parameters, limit, key.apply(items.getLast())))
                : Optional.empty();
        return Reply.json(
                200,
                new Page<>(items.stream().map(view).flatMap(Optional::stream).toList(), next));
    }

    static <T> Reply page(Parameters parameters, List<T> all, Function<T, String> key) {
        return page(parameters, all, key, Optional::of);
    }

    private static <T> int behind(List<T> all, Function<T, String> key, String after) {
        for (int i = 0; i < all.size(); i++) {
            if (key.apply(all.get(i)).equals(after)) {
                return i + 1;
            }
        }
        throw ApiException.parameter("after", "is no place in this list any more; begin anew");
    }

    private static String address(Parameters parameters, int limit, String after) {
        String others = parameters.query().entrySet().stream()
                .filter(entry ->
                        !entry.getKey().equals("limit") && !entry.getKey().equals("after"))
                .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()) + "&")
                .collect(Collectors.joining());
        return parameters.request().path() + "?" + others + "limit=" + limit + "&after=" + encode(after);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
