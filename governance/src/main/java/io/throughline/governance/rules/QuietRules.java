package io.throughline.governance.rules;

import io.throughline.contracts.Category;
import io.throughline.contracts.Channel;
import io.throughline.contracts.Whereabouts;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.ContactPolicy.Passable;
import io.throughline.contracts.policy.ContactPolicy.QuietHours;
import io.throughline.governance.rules.QuietCalendar.Interval;
import io.throughline.governance.rules.QuietCalendar.Running;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All quiet hours of one kind of message: the policy's own and those of the law. Nothing goes where
 * any of them forbids it, in any zone the customer may be in.
 *
 * @param rules the policy's own first, then states', then countries'
 * @param defaultZone of customers of whom no zone is known
 */
public record QuietRules(List<QuietRule> rules, ZoneId defaultZone) {

    /** Every quarter of an hour from the first zone on earth to the last. */
    private static final List<ZoneId> EVERYWHERE =
            IntStream.rangeClosed(-12 * 4, 14 * 4)
                    .<ZoneId>mapToObj(quarter -> ZoneOffset.ofTotalSeconds(quarter * 15 * 60))
                    .toList();

    static QuietRules of(ContactPolicy policy, Channel channel, Category category) {
        List<QuietRule> rules = new ArrayList<>();
        if (!policy.categoryRule(category).passes(Passable.QUIET_HOURS)) {
            for (QuietHours hours : policy.quietRules()) {
                if (hours.channels().contains(channel)
                        && (hours.categories() == null || hours.categories().contains(category))) {
                    rules.add(QuietRule.of(hours));
                }
            }
        }
        // No policy lets a category pass the law; which the law means is the preset's to say.
        for (LegalPreset preset : statesFirst(LegalPresets.named(policy.presets()))) {
            if (preset.channels().contains(channel) && preset.categories().contains(category)) {
                preset.rule().ifPresent(rules::add);
            }
        }
        return new QuietRules(List.copyOf(rules), ZoneId.of(policy.defaultTimeZone()));
    }

    /** Of two that end together a verdict names the first, and a state's says more. */
    private static List<LegalPreset> statesFirst(List<LegalPreset> presets) {
        return presets.stream()
                .sorted(Comparator.comparing(preset -> !preset.region().contains("-")))
                .toList();
    }

    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /**
     * The end of the silence that covers an instant, and whose it is; absent where none does.
     *
     * @param where what is known of the customer
     */
    public Outcome.@Nullable Quiet at(Whereabouts where, Instant instant) {
        List<Running> running = running(where);
        Instant until = QuietCalendar.quietUntil(running, instant);
        return until == null ? null : until(where, running, until);
    }

    /** What a customer is told who is quiet until an instant. */
    public Outcome.Quiet until(Whereabouts where, Instant until) {
        return until(where, running(where), until);
    }

    /** The two silences that are running at an instant or begin next. */
    public List<Interval> around(Whereabouts where, Instant instant) {
        return QuietCalendar.around(running(where), instant);
    }

    private Outcome.Quiet until(Whereabouts where, List<Running> running, Instant until) {
        QuietRule rule = QuietCalendar.endingAt(running, until);
        return new Outcome.Quiet(
                rule == null ? QuietRule.OWN : rule.name(),
                until.equals(QuietCalendar.NEVER) ? null : until,
                taken(where));
    }

    /** Where a customer is taken to be of whom no zone is known. */
    private Whereabouts taken(Whereabouts where) {
        return where.anywhere() || !where.zones().isEmpty()
                ? where
                : new Whereabouts(
                        List.of(defaultZone), where.regions(), where.numberZones(), false);
    }

    /** The policy's own run in the customer's zones, the law's in those of her number too. */
    private List<Running> running(Whereabouts where) {
        List<ZoneId> own = where.anywhere() ? EVERYWHERE : where.zones();
        List<ZoneId> numbers = where.anywhere() ? List.of() : where.numberZones();
        List<Running> running = new ArrayList<>();
        for (QuietRule rule : rules) {
            boolean law = rule.region() != null;
            if (rule.region() != null && !where.mayBeIn(rule.region())) {
                continue;
            }
            own.forEach(zone -> running.add(new Running(rule, zone)));
            if (law) {
                numbers.forEach(zone -> running.add(new Running(rule, zone)));
            }
            if (own.isEmpty() && (!law || numbers.isEmpty())) {
                running.add(new Running(rule, defaultZone));
            }
        }
        return running;
    }
}
