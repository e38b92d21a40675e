package io.throughline.bench;

import io.throughline.contracts.CustomerId;
import io.throughline.local.demo.ShopApi;
import io.throughline.local.infrastructure.StartFailure;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Preparations by the public interfaces, as many at once as makes them short. */
final class Shop {

    private static final int AT_ONCE = 12;
    private static final int IN_A_BATCH = 100;
    private static final int TRIES = 10;
    private static final Duration BEFORE_ANOTHER = Duration.ofMillis(500);

    private final ShopApi api;

    Shop(URI gateway) {
        this.api = new ShopApi(gateway);
    }

    ShopApi api() {
        return api;
    }

    /** Makes people known; they are customers when it returns. */
    void introduce(List<Person> people) throws InterruptedException {
        List<List<Person>> batches = new ArrayList<>();
        for (int from = 0; from < people.size(); from += IN_A_BATCH) {
            batches.add(people.subList(from, Math.min(people.size(), from + IN_A_BATCH)));
        }
        forAll(
                batches,
                batch -> {
                    api.site(
                            "batch",
                            Map.of("batch", batch.stream().map(Person::identify).toList()));
                    return batch;
                });
    }

    void optIn(List<Person> people) throws InterruptedException {
        forAll(
                people,
                person -> {
                    api.consent(person.identifier(), "sms");
                    return person;
                });
    }

    /** Who they are, in the order of the people. */
    List<CustomerId> customers(List<Person> people) throws InterruptedException {
        return forAll(
                people,
                person ->
                        CustomerId.of(
                                Objects.requireNonNull(
                                        api.customer(person.identifier()),
                                        "a customer who was introduced is not known")));
    }

    static <A, B> List<B> forAll(List<A> items, Function<A, B> work) throws InterruptedException {
        try (ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Callable<B>> calls =
                    items.stream().<Callable<B>>map(item -> () -> patiently(work, item)).toList();
            List<B> results = new ArrayList<>(items.size());
            for (Future<B> result : workers.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        } catch (ExecutionException failed) {
            throw new IllegalStateException("the preparations failed", failed.getCause());
        }
    }

    /** What is refused on a machine that is busy is asked for again; all of it is idempotent. */
    private static <A, B> B patiently(Function<A, B> work, A item) throws InterruptedException {
        for (int left = TRIES - 1; ; left--) {
            try {
                return work.apply(item);
            } catch (StartFailure refused) {
                if (left == 0) {
                    throw refused;
                }
                Thread.sleep(BEFORE_ANOTHER);
            }
        }
    }
}
