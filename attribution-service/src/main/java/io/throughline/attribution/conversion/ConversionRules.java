package io.throughline.attribution.conversion;

import io.throughline.chassis.expression.Expression;
import io.throughline.chassis.expression.ExpressionException;
import io.throughline.contracts.customer.BehaviourRecorded;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What counts as a conversion: what the journeys published, and always a completed order.
 *
 * <p>An event is one conversion of the shop however many journeys call it their goal, and beside
 * that one of each of those journeys, with the value that the journey gives it. The shop's has the
 * value of the first journey, by key, that gives one, else the event's revenue.
 */
public final class ConversionRules {

    public static final String ORDER_COMPLETED = "Order Completed";
    private static final String ORDER_REFUNDED = "Order Refunded";
    private static final String ORDER_CANCELLED = "Order Cancelled";

    private static final Set<String> VARIABLES = Set.of("event");

    /** An id that is longer is cut: it stands in an index, and no shop's ids differ that late. */
    private static final int LONGEST_ORDER_ID = 200;

    private final List<Rule> rules;
    private final List<String> broken;

    private record Rule(
            String journey,
            String on,
            @Nullable Expression when,
            @Nullable Expression value,
            @Nullable Duration within) {}

    private ConversionRules(List<Rule> rules, List<String> broken) {
        this.rules = rules;
        this.broken = broken;
    }

    /** Compiles what is in force; a rule that does not compile is left out and told of. */
    public static ConversionRules of(List<ConversionRulesPublished> published) {
        List<Rule> rules = new ArrayList<>();
        List<String> broken = new ArrayList<>();
        published.stream()
                .sorted(Comparator.comparing(ConversionRulesPublished::journey))
                .forEach(p ->
                        p.rules()
                                .forEach(rule -> {
                                    try {
                                        rules.add(compile(p.journey(), rule));
                                    } catch (ExpressionException e) {
                                        broken.add(
                                                "%s version %d, conversion on %s: %s"
                                                        .formatted(
                                                                p.journey(),
                                                                p.version(),
                                                                rule.on(),
                                                                e.getMessage()));
                                    }
                                }));
        return new ConversionRules(List.copyOf(rules), List.copyOf(broken));
    }

    /** Rules that do not compile: the journey service refuses those, so somebody must look. */
    public List<String> broken() {
        return broken;
    }

    /** The shop's conversion and the journeys', none where the event is no conversion. */
    public List<Achieved> conversions(UUID event, BehaviourRecorded behaviour) {
        String name = behaviour.name();
        if (behaviour.kind() != AcceptedEvent.Kind.TRACK || name == null) {
            return List.of();
        }
        Map<String, ?> variables = variables(behaviour);
        List<Achieved> goals =
                rules.stream()
                        .filter(r -> r.on.equals(name))
                        .filter(r -> r.when == null || r.when.test(variables))
                        .map(r -> goal(event, behaviour, name, r, variables))
                        .toList();
        if (goals.isEmpty() && !name.equals(ORDER_COMPLETED)) {
            return List.of();
        }
        List<Achieved> all = new ArrayList<>();
        all.add(shop(event, behaviour, name, variables));
        goals.stream()
                .filter(g -> all.stream().noneMatch(a -> a.journey().equals(g.journey())))
                .forEach(all::add);
        return all;
    }

    /** Empty where the event takes nothing back, or names no order that it could take back. */
    public static Optional<Reversal> reversal(UUID event, BehaviourRecorded behaviour) {
        String name = behaviour.name();
        String orderId = orderId(behaviour);
        if (behaviour.kind() != AcceptedEvent.Kind.TRACK || name == null || orderId == null) {
            return Optional.empty();
        }
        return switch (name) {
            case ORDER_REFUNDED ->
                    Optional.of(
                            reversal(
                                    event,
                                    behaviour,
                                    orderId,
                                    Worth.refunded(behaviour.properties())));
            case ORDER_CANCELLED -> Optional.of(reversal(event, behaviour, orderId, null));
            default -> Optional.empty();
        };
    }

    private static Reversal reversal(
            UUID event, BehaviourRecorded behaviour, String orderId, @Nullable BigDecimal amount) {
        return new Reversal(event, behaviour.customer(), orderId, amount, behaviour.occurredAt());
    }

    private Achieved shop(
            UUID event, BehaviourRecorded behaviour, String name, Map<String, ?> variables) {
        BigDecimal ruled =
                rules.stream()
                        .filter(r -> r.on.equals(name) && r.value != null)
                        .filter(r -> r.when == null || r.when.test(variables))
                        .map(r -> Optional.ofNullable(ruled(r, variables)))
                        .flatMap(Optional::stream)
                        .findFirst()
                        .orElse(null);
        return achieved(event, behaviour, name, Achieved.SHOP, ruled, null);
    }

    private static Achieved goal(
            UUID event,
            BehaviourRecorded behaviour,
            String name,
            Rule rule,
            Map<String, ?> variables) {
        return achieved(event, behaviour, name, rule.journey, ruled(rule, variables), rule.within);
    }

    private static Achieved achieved(
            UUID event,
            BehaviourRecorded behaviour,
            String name,
            String journey,
            @Nullable BigDecimal ruled,
            @Nullable Duration within) {
        Map<String, Object> properties = behaviour.properties();
        BigDecimal amount = ruled == null ? Worth.of(properties) : ruled;
        return new Achieved(
                event,
                journey,
                behaviour.customer(),
                name,
                behaviour.occurredAt(),
                orderId(behaviour),
                amount == null ? null : Worth.money(amount, properties),
                Worth.gross(properties),
                within);
    }

    private static @Nullable BigDecimal ruled(Rule rule, Map<String, ?> variables) {
        return rule.value == null ? null : Worth.amount(rule.value.evaluate(variables));
    }

    private static @Nullable String orderId(BehaviourRecorded behaviour) {
        return switch (behaviour.properties().get("order_id")) {
            case String s when !s.isBlank() -> cut(s.replace("\0", "").strip());
            case Number n -> n.toString();
            case null, default -> null;
        };
    }

    private static String cut(String id) {
        return id.substring(0, Math.min(id.length(), LONGEST_ORDER_ID));
    }

    private static Map<String, ?> variables(BehaviourRecorded behaviour) {
        return Map.of(
                "event",
                Map.of(
                        "name", String.valueOf(behaviour.name()),
                        "properties", behaviour.properties(),
                        "context", behaviour.context()));
    }

    private static Rule compile(String journey, ConversionRule rule) throws ExpressionException {
        return new Rule(
                journey, rule.on(), compile(rule.when()), compile(rule.value()), rule.within());
    }

    private static @Nullable Expression compile(@Nullable String source)
            throws ExpressionException {
        return source == null ? null : Expression.compile(source, VARIABLES);
    }
}
