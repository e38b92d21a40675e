package io.throughline.channel.sms.smpp;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.throughline.channel.route.HandOver;
import java.util.function.Supplier;

/**
 * Counts messages by what became of them and measures how long that took: {@code
 * throughline.smpp.submit} with the tag {@code outcome}.
 */
record SubmissionMeter(MeterRegistry registry) {

    HandOver measured(Supplier<HandOver> submission) {
        Timer.Sample started = Timer.start(registry);
        HandOver outcome = submission.get();
        started.stop(registry.timer("throughline.smpp.submit", "outcome", name(outcome)));
        return outcome;
    }

    private static String name(HandOver outcome) {
        return switch (outcome) {
            case HandOver.Accepted accepted -> "accepted";
            case HandOver.Refused refused -> "refused";
            case HandOver.Throttled throttled -> "throttled";
            case HandOver.NotTaken notTaken -> "not_taken";
            case HandOver.Unknown unknown -> "unknown";
        };
    }
}
