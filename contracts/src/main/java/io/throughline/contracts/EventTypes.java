package io.throughline.contracts;

import io.throughline.contracts.customer.CustomerEvent;
import io.throughline.contracts.decision.DecisionEvent;
import io.throughline.contracts.erasure.ErasureConfirmed;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.message.MessageEvent;
import io.throughline.contracts.message.MessageRequested;
import io.throughline.contracts.message.WithdrawalRequested;
import io.throughline.contracts.policy.PolicyEvent;
import io.throughline.contracts.prediction.ScoresPredicted;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The closed list of what travels: CloudEvents type to record and topic. */
public final class EventTypes {

    private static final String PREFIX = "io.throughline.";
    private static final Map<String, Class<? extends ContractEvent>> BY_TYPE =
            new LinkedHashMap<>();
    private static final Map<Class<? extends ContractEvent>, String> TOPIC = new LinkedHashMap<>();

    private static final ClassValue<String> TYPE =
            new ClassValue<>() {
                @Override
                protected String computeValue(Class<?> event) {
                    return PREFIX
                            + event.getSimpleName()
                                    .replaceAll("(?<=[a-z])(?=[A-Z])", "-")
                                    .toLowerCase(Locale.ROOT);
                }
            };

    static {
        register(Topics.EVENTS, List.of(AcceptedEvent.class));
        register(Topics.CUSTOMERS, permitted(CustomerEvent.class));
        register(
                Topics.MESSAGES_REQUESTED,
                List.of(MessageRequested.class, WithdrawalRequested.class));
        register(Topics.MESSAGES_LIFECYCLE, permitted(MessageEvent.class));
        register(Topics.DECISIONS, permitted(DecisionEvent.class));
        register(Topics.ERASURES, List.of(ErasureConfirmed.class));
        register(Topics.PREDICTIONS, List.of(ScoresPredicted.class));
        register(Topics.POLICIES, permitted(PolicyEvent.class));
    }

    private EventTypes() {}

    /**
     * The CloudEvents {@code type} of a record, as in {@code io.throughline.behaviour-recorded}.
     */
    public static String typeOf(Class<? extends ContractEvent> event) {
        return TYPE.get(event);
    }

    public static Optional<Class<? extends ContractEvent>> classOf(String type) {
        return Optional.ofNullable(BY_TYPE.get(type));
    }

    /** The topic on which a record travels. */
    public static String topicOf(Class<? extends ContractEvent> event) {
        String topic = TOPIC.get(event);
        if (topic == null) {
            throw new IllegalArgumentException(event + " travels on no topic");
        }
        return topic;
    }

    public static Collection<Class<? extends ContractEvent>> all() {
        return BY_TYPE.values();
    }

    /** The records of a sealed family, through the sealed interfaces within it. */
    private static List<Class<? extends ContractEvent>> permitted(Class<?> family) {
        return Arrays.stream(family.getPermittedSubclasses())
                .<Class<? extends ContractEvent>>flatMap(c ->
                        c.isRecord()
                                ? Stream.of(c.asSubclass(ContractEvent.class))
                                : permitted(c).stream())
                .toList();
    }

    private static void register(
            String topic, List<? extends Class<? extends ContractEvent>> events) {
        for (Class<? extends ContractEvent> event : events) {
            BY_TYPE.put(typeOf(event), event);
            TOPIC.put(event, topic);
        }
    }

    /** The types that travel on a topic. */
    public static Stream<Class<? extends ContractEvent>> on(String topic) {
        return TOPIC.entrySet().stream()
                .filter(e -> e.getValue().equals(topic))
                .map(Map.Entry::getKey);
    }
}
