package io.throughline.bench;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A customer of the shop that the benchmarks play. */
record Person(String user, String device, String phone) {

    /** People of one purpose, so that no benchmark meets those of another. */
    enum Group {
        INGESTED(10),
        OPTING_OUT(20),
        ORDERING(30),
        PROBED(40),
        CAMPAIGN(50),
        READ(60),
        MERGED(70),
        SOAKED(80);

        private final int number;

        Group(int number) {
            this.number = number;
        }

        /** The first so many; up to 100,000. */
        List<Person> people(int count) {
            return IntStream.range(0, count).mapToObj(this::person).toList();
        }

        private Person person(int n) {
            return new Person(
                    "user-%d-%08d".formatted(number, n),
                    "device-%d-%08d".formatted(number, n),
                    "+3466%d%05d".formatted(number, n));
        }
    }

    String identifier() {
        return "user_id:" + user;
    }

    String email() {
        return user + "@example.com";
    }

    /** The call that makes the person known. */
    Map<String, Object> identify() {
        return Map.of(
                "type",
                "identify",
                "userId",
                user,
                "anonymousId",
                device,
                "traits",
                Map.of("phone", phone));
    }
}
