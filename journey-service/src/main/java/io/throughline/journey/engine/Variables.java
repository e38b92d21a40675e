package io.throughline.journey.engine;

import io.throughline.contracts.customer.BehaviourRecorded;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What conditions and templates may read.
 *
 * <ul>
 *   <li>{@code customer}: the traits at its top level, and {@code id}; in conditions also {@code
 *       scores}, {@code consents} ({@code customer.consents.sms == "opted_in"}) and {@code
 *       segments} ({@code "vip" in customer.segments}). A trait with one of these names is hidden.
 *   <li>{@code event}: {@code name} and {@code properties}; of the arriving event where a condition
 *       stands on one (entry, exit, goal, wait-for), of the one that led in everywhere else.
 *   <li>{@code journey}: {@code key}, {@code version}, {@code enteredAt} (ISO 8601) and, in
 *       conditions, {@code trigger}, the event that led in; in templates {@code step}.
 * </ul>
 */
final class Variables {

    private Variables() {}

    /** For the goal where no customer's instance is looked at. */
    static Map<String, Object> ofConversion(BehaviourRecorded arriving) {
        return Map.of("event", event(arriving.name(), arriving.properties()));
    }

    /** For a condition on an arriving event. */
    static Map<String, Object> ofCondition(
            CustomerView customer, Instance instance, BehaviourRecorded arriving) {
        return condition(customer, instance, event(arriving.name(), arriving.properties()));
    }

    /** For a condition of a step. */
    static Map<String, Object> ofCondition(CustomerView customer, Instance instance) {
        return condition(customer, instance, trigger(instance));
    }

    static Map<String, Object> ofTemplate(CustomerView customer, Instance instance, String step) {
        Map<String, Object> person = new LinkedHashMap<>(customer.traits());
        person.put("id", customer.id().toString());
        Map<String, Object> journey = journey(instance);
        journey.put("step", step);
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("customer", person);
        variables.put("event", trigger(instance));
        variables.put("journey", journey);
        return variables;
    }

    private static Map<String, Object> condition(
            CustomerView customer, Instance instance, Map<String, Object> event) {
        Map<String, Object> consents = new LinkedHashMap<>();
        customer.consents().forEach((key, state) -> consents.put(key, state.word()));
        Map<String, Object> person = new LinkedHashMap<>(customer.traits());
        person.put("id", customer.id().toString());
        person.put("scores", customer.scores());
        person.put("consents", consents);
        person.put("segments", customer.segments().stream().sorted().toList());
        Map<String, Object> journey = journey(instance);
        journey.put("trigger", trigger(instance));
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("customer", person);
        variables.put("event", event);
        variables.put("journey", journey);
        return variables;
    }

    private static Map<String, Object> journey(Instance instance) {
        Map<String, Object> journey = new LinkedHashMap<>();
        journey.put("key", instance.journey());
        journey.put("version", instance.version());
        journey.put("enteredAt", instance.enteredAt().toString());
        return journey;
    }

    private static Map<String, Object> trigger(Instance instance) {
        return event(instance.trigger().name(), instance.trigger().properties());
    }

    private static Map<String, Object> event(
            @Nullable String name, Map<String, Object> properties) {
        Map<String, Object> event = new LinkedHashMap<>();
        if (name != null) {
            event.put("name", name);
        }
        event.put("properties", properties);
        return event;
    }
}
