package io.throughline.bench;

import java.time.Duration;
import java.util.Map;

/**
 * How long and how large a soak is.
 *
 * @param planted whether what was seen is falsified before it is judged, to show that the checker
 *     finds it
 */
record SoakSettings(Duration duration, int customers, long seed, boolean planted) {

    private static final int MOST_CUSTOMERS = 100_000;

    SoakSettings {
        if (customers < 1 || customers > MOST_CUSTOMERS) {
            throw new IllegalArgumentException(
                    "THROUGHLINE_SOAK_CUSTOMERS has to be from 1 to " + MOST_CUSTOMERS);
        }
    }

    /**
     * @param seed where the environment names none
     */
    static SoakSettings of(Map<String, String> environment, long seed) {
        return new SoakSettings(
                Duration.parse(environment.getOrDefault("THROUGHLINE_SOAK_DURATION", "PT10M")),
                Integer.parseInt(environment.getOrDefault("THROUGHLINE_SOAK_CUSTOMERS", "100000")),
                Long.parseLong(
                        environment.getOrDefault("THROUGHLINE_SOAK_SEED", Long.toString(seed))),
                Boolean.parseBoolean(
                        environment.getOrDefault("THROUGHLINE_SOAK_PLANTED", "false")));
    }
}
