// SPDX-License-Identifier: BSD-2-Clause
package io.ptnetmap.nfv.cli;

import io.ptnetmap.nfv.client.NodeClient;
import io.ptnetmap.nfv.client.NodeClientOptions;
import io.ptnetmap.nfv.client.NodeStream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;

/** A command's conversation with a node: what is asked is waited for. */
final class NodeSession implements AutoCloseable {
    /** Answers have timeouts of their own; this is for what no timeout covers. */
    private static final long MOST_SECONDS = 3600;

    private static final long LOOK_MILLIS = 1000;

    private static final long BLOCKED_CHECK_MILLIS = TimeUnit.HOURS.toMillis(1);

    private final Vertx vertx;
    private final NodeClient client;

    NodeSession(NodeClientOptions options) {
        vertx = Vertx.vertx(smallest());
        client = NodeClient.create(vertx, options);
    }

    /** One thread is enough for a command, and it should start fast. */
    private static VertxOptions smallest() {
        System.setProperty("vertx.disableDnsResolver", "true");
        // Part of the names of connections, which else is looked for among the machine's cards, with a warning if there
        // are none.
        System.setProperty("io.netty.machineId", "02:00:00:00:00:00");
        return new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setInternalBlockingPoolSize(1)
                .setBlockedThreadCheckInterval(BLOCKED_CHECK_MILLIS)
                .setUseDaemonThread(true)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false));
    }

    /** Asks for something and waits for it. */
    <T> T get(Function<NodeClient, Future<T>> request) throws InterruptedException {
        return await(request.apply(client));
    }

    /** Asks for something that is to be looked for later. */
    <T> CompletableFuture<T> ask(Function<NodeClient, Future<T>> request) {
        return request.apply(client).toCompletionStage().toCompletableFuture();
    }

    /** What has been asked for, or the failure as it is. */
    static <T> T await(Future<T> future) throws InterruptedException {
        try {
            CompletableFuture<T> completable = future.toCompletionStage().toCompletableFuture();
            return completable.get(MOST_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw failure.getCause() instanceof RuntimeException refused
                    ? refused
                    : new IllegalStateException(failure.getCause());
        } catch (java.util.concurrent.TimeoutException silence) {
            throw new IllegalStateException("no answer within " + MOST_SECONDS + " s", silence);
        }
    }

    /** Takes what a stream brings, one after the other, until it ends or {@code more} says no. */
    <T> void follow(Function<NodeClient, Future<NodeStream<T>>> request, Predicate<T> more)
            throws InterruptedException {
        follow(request, more, () -> false);
    }

    /**
     * Takes what a stream brings, one after the other, until it ends or {@code more} says no.
     *
     * @param abandoned whether nobody wants it any more, which is asked each second, also when nothing comes
     */
    <T> void follow(Function<NodeClient, Future<NodeStream<T>>> request, Predicate<T> more, BooleanSupplier abandoned)
            throws InterruptedException {
        // Holds values, then what ended the stream: nothing, or a failure.
        BlockingQueue<Optional<T>> arrived = new LinkedBlockingQueue<>();
        CompletableFuture<Void> failed = new CompletableFuture<>();
        long look = vertx.setPeriodic(LOOK_MILLIS, _ -> {
            if (abandoned.getAsBoolean()) {
                arrived.add(Optional.empty());
            }
        });
        try (NodeStream<T> stream = get(request)) {
            stream.exceptionHandler(failed::completeExceptionally)
                    .endHandler(_ -> arrived.add(Optional.empty()))
                    .pause()
                    .handler(value -> arrived.add(Optional.of(value)))
                    .fetch(1);
            for (Optional<T> next = arrived.take(); next.isPresent(); next = arrived.take()) {
                if (!more.test(next.get())) {
                    return;
                }
                stream.fetch(1);
            }
            if (failed.isCompletedExceptionally()) {
                await(Future.fromCompletionStage(failed));
            }
        } finally {
            vertx.cancelTimer(look);
        }
    }

    @Override
    public void close() {
        vertx.close();
    }
}
