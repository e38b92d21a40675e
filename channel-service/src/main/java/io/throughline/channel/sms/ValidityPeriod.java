package io.throughline.channel.sms;

import java.time.Duration;

/** How long a carrier goes on trying, in the relative form (SMPP 3.4, 7.1.1.2). */
public final class ValidityPeriod {

    /** The form counts days to 30 and then in months, whose length it leaves open. */
    private static final Duration LONGEST = Duration.ofDays(30);

    private ValidityPeriod() {}

    /**
     * As in {@code 000002000000000R} for two days. Relative, because the carrier's clock and zone
     * are not ours. Rounded down to the second; never under one, which would mean the carrier's own
     * default.
     */
    public static String of(Duration remaining) {
        Duration period = remaining.compareTo(LONGEST) > 0 ? LONGEST : remaining;
        Duration atLeast =
                period.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : period;
        return "0000%02d%02d%02d%02d000R"
                .formatted(
                        atLeast.toDaysPart(),
                        atLeast.toHoursPart(),
                        atLeast.toMinutesPart(),
                        atLeast.toSecondsPart());
    }
}
