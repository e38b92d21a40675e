package io.throughline.identity.conversion;

import io.throughline.chassis.expression.Expression;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.contracts.policy.SilenceScope;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The silences in force, by the name of the event that begins them: those of the contact policy and
 * those of journeys' goals.
 */
public final class ConversionRules {

    private final Map<String, List<Rule>> byEvent;
    private final Map<ConversionRulesPublished, List<Begun>> compiled;

    private ConversionRules(
            Map<String, List<Rule>> byEvent, Map<ConversionRulesPublished, List<Begun>> compiled) {
        this.byEvent = byEvent;
        this.compiled = compiled;
    }

    /**
     * @param when absent where every such event counts
     */
    private record Rule(@Nullable Expression when, @Nullable String journey, Duration period) {}

    /** A rule and the event that it is for. */
    private record Begun(String on, Rule rule) {}

    /**
     * Compiles what was published. A condition that does not compile cannot have passed a journey's
     * validation; if one comes all the same, every such event counts, since silence too much is a
     * message less and silence too little is a broken promise.
     */
    public static ConversionRules of(
            ContactPolicy policy, List<ConversionRulesPublished> journeys) {
        return new ConversionRules(Map.of(), Map.of()).changedTo(policy, journeys);
    }

    /**
     * The rules after something else was published; compiles those of the journeys that changed.
     */
    public ConversionRules changedTo(
            ContactPolicy policy, List<ConversionRulesPublished> journeys) {
        Map<String, List<Rule>> rules = new HashMap<>();
        for (ContactPolicy.ConversionSilence silence : policy.silences()) {
            add(rules, silence.on(), new Rule(null, null, silence.period()));
        }
        Map<ConversionRulesPublished, List<Begun>> all = new HashMap<>();
        for (ConversionRulesPublished published : journeys) {
            List<Begun> known = compiled.get(published);
            List<Begun> ofJourney = known == null ? compiled(published) : known;
            all.put(published, ofJourney);
            ofJourney.forEach(begun -> add(rules, begun.on(), begun.rule()));
        }
        return new ConversionRules(rules, all);
    }

    private static List<Begun> compiled(ConversionRulesPublished published) {
        List<Begun> compiled = new ArrayList<>();
        for (ConversionRule rule : published.rules()) {
            if (rule.silence() != null) {
                compiled.add(
                        new Begun(rule.on(), compiled(rule, published.journey(), rule.silence())));
            }
        }
        return List.copyOf(compiled);
    }

    /**
     * The silences that an event begins; empty where it is no conversion. They run from when it was
     * received, not from when its sender says it happened.
     */
    public List<Silence> silencesOf(AcceptedEvent event) {
        List<Rule> rules =
                event.kind() == Kind.TRACK && event.name() != null
                        ? byEvent.getOrDefault(event.name(), List.of())
                        : List.of();
        if (rules.isEmpty()) {
            return List.of();
        }
        Map<String, ?> variables = Map.of("event", variables(event));
        Map<@Nullable String, Instant> longest = new LinkedHashMap<>();
        for (Rule rule : rules) {
            if (rule.when() == null || rule.when().test(variables)) {
                Instant until = event.receivedAt().plus(rule.period());
                longest.merge(rule.journey(), until, (a, b) -> a.isAfter(b) ? a : b);
            }
        }
        List<Silence> silences = new ArrayList<>();
        longest.forEach((journey, until) -> silences.add(new Silence(journey, until)));
        return silences;
    }

    /** What conditions can read of an event; the same names as in a journey's conditions. */
    private static Map<String, Object> variables(AcceptedEvent event) {
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("name", event.name() == null ? "" : event.name());
        variables.put("type", event.kind().word());
        variables.put("properties", event.properties());
        variables.put("context", event.context());
        return variables;
    }

    private static Rule compiled(ConversionRule rule, String journey, Duration period) {
        String scope = rule.covers() == SilenceScope.THIS_JOURNEY ? journey : null;
        if (rule.when() == null) {
            return new Rule(null, scope, period);
        }
        try {
            return new Rule(Expression.compile(rule.when(), Set.of("event")), scope, period);
        } catch (ExpressionException e) {
            return new Rule(null, scope, period);
        }
    }

    private static void add(Map<String, List<Rule>> rules, String event, Rule rule) {
        rules.computeIfAbsent(event, name -> new ArrayList<>()).add(rule);
    }
}
