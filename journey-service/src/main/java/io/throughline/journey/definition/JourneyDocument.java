package io.throughline.journey.definition;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.SilenceScope;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A journey as it was written, immutable and already checked: only {@link JourneyParser} makes one
 * that comes from outside. Event names are those of track calls. Conditions are CEL, kept as
 * written.
 *
 * @param journey the key, stable over versions
 * @param topic the consent topic its messages belong to; absent where the channel's consent alone
 *     counts
 * @param priority 0 to 100, more is more important; 50 where the document says nothing
 * @param value what one of its messages is expected to be worth, against which those of other
 *     journeys of the same priority are held; absent for nothing
 * @param onDisplaced what becomes of a message that gives way to a more important journey's
 * @param exit events that end it, whatever step it is at
 * @param goal the conversion it is for; absent where it has none
 * @param holdout percentage of customers that are held out, 0 to 100
 */
public record JourneyDocument(
        String journey,
        Category category,
        @Nullable String topic,
        int priority,
        @Nullable BigDecimal value,
        OnDisplaced onDisplaced,
        Entry entry,
        List<ExitEvent> exit,
        @Nullable Goal goal,
        BigDecimal holdout,
        List<Step> steps) {

    public static final int DEFAULT_PRIORITY = 50;

    /** What conditions may read; those of the goal only {@code event}. */
    public static final Set<String> VARIABLES = Set.of("customer", "event", "journey");

    public JourneyDocument {
        exit = List.copyOf(exit);
        steps = List.copyOf(steps);
        holdout = holdout.signum() == 0 ? BigDecimal.ZERO : holdout.stripTrailingZeros();
    }

    /** What one of its messages is expected to be worth; zero where nothing says. */
    public BigDecimal valueOf(Step.Send send) {
        BigDecimal own = send.value() == null ? value : send.value();
        return own == null ? BigDecimal.ZERO : own;
    }

    public OnDisplaced onDisplaced(Step.Send send) {
        return send.onDisplaced() == null ? onDisplaced : send.onDisplaced();
    }

    /**
     * What leads a customer in.
     *
     * @param againAfter counted from the previous entry; absent where a customer enters once and
     *     never again
     */
    public record Entry(String on, @Nullable String when, @Nullable Duration againAfter) {}

    /** An event that ends the journey. {@code when} reads it as {@code event}. */
    public record ExitEvent(String on, @Nullable String when) {}

    /**
     * The conversion that the journey is for.
     *
     * @param within how long after entry the event counts; absent for as long as the customer is in
     * @param value CEL giving what it is worth; absent where revenue is read from the e-commerce
     *     properties
     * @param silence how long the gate refuses afterwards; absent where it does not
     * @param categories the only ones it then refuses; empty for all
     * @param liftedBy events that end the silence of the order they are about
     */
    public record Goal(
            String on,
            @Nullable String when,
            @Nullable Duration within,
            @Nullable String value,
            @Nullable Duration silence,
            SilenceScope covers,
            Set<Category> categories,
            Set<String> liftedBy) {}

    /** What the other services have to know of the goal; empty where there is none. */
    public List<ConversionRule> conversionRules() {
        return goal == null
                ? List.of()
                : List.of(
                        new ConversionRule(
                                goal.on(),
                                goal.when(),
                                goal.value(),
                                goal.within(),
                                goal.silence(),
                                goal.covers(),
                                goal.categories().isEmpty() ? null : goal.categories(),
                                goal.liftedBy().isEmpty() ? null : goal.liftedBy()));
    }

    /** Every channel and template that a step may send with, in document order. */
    public List<PossibleSend> sends() {
        List<PossibleSend> found = new ArrayList<>();
        collectSends("steps", steps, found);
        return List.copyOf(found);
    }

    /**
     * @param path of the send step, as in {@code steps[4].send}
     */
    public record PossibleSend(String path, Channel channel, String template) {}

    /** The path of every step, in document order. */
    public List<String> stepPaths() {
        List<String> found = new ArrayList<>();
        collectPaths("steps", steps, found);
        return List.copyOf(found);
    }

    private static void collectPaths(String at, List<Step> steps, List<String> found) {
        for (int i = 0; i < steps.size(); i++) {
            String path = StepPaths.of(at, i, steps.get(i));
            found.add(path);
            StepPaths.nested(path, steps.get(i))
                    .forEach((within, nested) -> collectPaths(within, nested, found));
        }
    }

    private static void collectSends(String at, List<Step> steps, List<PossibleSend> found) {
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            String path = StepPaths.of(at, i, step);
            if (step instanceof Step.Send send) {
                for (Channel channel : send.by().channels()) {
                    found.add(new PossibleSend(path, channel, send.template()));
                }
            }
            StepPaths.nested(path, step)
                    .forEach((within, nested) -> collectSends(within, nested, found));
        }
    }

    /**
     * The document as canonical JSON: the same keys as in YAML, in a fixed order, defaults left
     * out. Parsing it gives an equal document.
     */
    public String toJson() {
        return JourneyJson.write(this);
    }
}
