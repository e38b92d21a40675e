package io.throughline.identity.conversion;

import io.throughline.chassis.expression.Expression;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.contracts.CustomerId;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.AcceptedEvent.Kind;
import io.throughline.contracts.policy.ContactPolicy;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.governance.SilenceWrite;
import io.throughline.governance.rules.SilenceRule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The silences in force, by the names of the events that begin them and that lift them: those of
 * the contact policy and those of journeys' goals.
 */
public final class ConversionRules {

    private final Map<String, List<Rule>> byEvent;
    private final Map<String, List<Rule>> byLifting;
    private final Map<ConversionRulesPublished, List<Begun>> compiled;

    private ConversionRules(
            Map<String, List<Rule>> byEvent,
            Map<String, List<Rule>> byLifting,
            Map<ConversionRulesPublished, List<Begun>> compiled) {
        this.byEvent = byEvent;
        this.byLifting = byLifting;
        this.compiled = compiled;
    }

    /**
     * @param when absent where every such event counts
     */
    private record Rule(@Nullable Expression when, SilenceRule silence) {}

    /** A rule and the event that it is for. */
    private record Begun(String on, Rule rule) {}

    /**
     * Compiles what was published. A condition that does not compile cannot have passed a journey's
     * validation; if one comes all the same, every such event counts, since silence too much is a
     * message less and silence too little is a broken promise.
     */
    public static ConversionRules of(
            ContactPolicy policy, List<ConversionRulesPublished> journeys) {
        return new ConversionRules(Map.of(), Map.of(), Map.of()).changedTo(policy, journeys);
    }

    /**
     * The rules after something else was published; compiles those of the journeys that changed.
     */
    public ConversionRules changedTo(
            ContactPolicy policy, List<ConversionRulesPublished> journeys) {
        Map<String, List<Rule>> rules = new HashMap<>();
        for (ContactPolicy.ConversionSilence silence : policy.silences()) {
            add(rules, silence.on(), new Rule(null, SilenceRule.of(silence)));
        }
        Map<ConversionRulesPublished, List<Begun>> all = new HashMap<>();
        for (ConversionRulesPublished published : journeys) {
            List<Begun> known = compiled.get(published);
            List<Begun> ofJourney = known == null ? compiled(published) : known;
            all.put(published, ofJourney);
            ofJourney.forEach(begun -> add(rules, begun.on(), begun.rule()));
        }
        return new ConversionRules(rules, liftings(rules), all);
    }

    private static Map<String, List<Rule>> liftings(Map<String, List<Rule>> rules) {
        Map<String, List<Rule>> liftings = new HashMap<>();
        for (List<Rule> ofEvent : rules.values()) {
            for (Rule rule : ofEvent) {
                rule.silence().liftedBy().forEach(event -> add(liftings, event, rule));
            }
        }
        return liftings;
    }

    private static List<Begun> compiled(ConversionRulesPublished published) {
        List<Begun> compiled = new ArrayList<>();
        for (ConversionRule rule : published.rules()) {
            SilenceRule.of(published.journey(), rule)
                    .ifPresent(silence ->
                            compiled.add(new Begun(rule.on(), new Rule(condition(rule), silence))));
        }
        return List.copyOf(compiled);
    }

    /** Whether an event begins a silence; it is then not acknowledged before that is in force. */
    public boolean isConversion(AcceptedEvent event) {
        return !met(event).isEmpty();
    }

    /** The silences that an event begins, and those that it lifts. */
    public List<SilenceWrite> silencesOf(CustomerId customer, AcceptedEvent event) {
        List<SilenceWrite> silences = new ArrayList<>();
        for (Rule rule : met(event)) {
            silences.add(
                    rule.silence()
                            .begun(
                                    customer,
                                    event.properties(),
                                    event.occurredAt(),
                                    event.receivedAt()));
        }
        for (Rule rule : of(byLifting, event)) {
            rule.silence()
                    .lifted(customer, event.properties(), event.occurredAt(), event.receivedAt())
                    .ifPresent(silences::add);
        }
        return silences;
    }

    private List<Rule> met(AcceptedEvent event) {
        List<Rule> rules = of(byEvent, event);
        if (rules.isEmpty()) {
            return rules;
        }
        Map<String, ?> variables = Map.of("event", variables(event));
        return rules.stream()
                .filter(rule -> rule.when() == null || rule.when().test(variables))
                .toList();
    }

    private static List<Rule> of(Map<String, List<Rule>> rules, AcceptedEvent event) {
        return event.kind() == Kind.TRACK && event.name() != null
                ? rules.getOrDefault(event.name(), List.of())
                : List.of();
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

    private static @Nullable Expression condition(ConversionRule rule) {
        try {
            return rule.when() == null ? null : Expression.compile(rule.when(), Set.of("event"));
        } catch (ExpressionException e) {
            return null;
        }
    }

    private static void add(Map<String, List<Rule>> rules, String event, Rule rule) {
        rules.computeIfAbsent(event, name -> new ArrayList<>()).add(rule);
    }
}
