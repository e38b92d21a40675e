package io.throughline.identity.segment;

import io.throughline.chassis.expression.Expression;
import io.throughline.contracts.CustomerId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is known of a customer when a segment asks. */
public final class Facts {

    private final Expression.Values customer;
    private final Map<String, List<Happening>> happened = new HashMap<>();

    /**
     * @param traits those that are set and the computed ones
     * @param consents {@code opted_in} or {@code opted_out} by channel, as in {@code sms}, or by
     *     channel and topic, as in {@code email:offers}
     * @param scores predictions by name
     * @param happened what she did, in any order
     */
    public Facts(
            CustomerId id,
            Map<String, Object> traits,
            Map<String, String> consents,
            Map<String, Double> scores,
            List<Happening> happened) {
        Map<String, Object> person = new LinkedHashMap<>(traits);
        person.put("id", id.toString());
        person.put("consents", consents);
        person.put("scores", scores);
        this.customer = Expression.values(Map.of("customer", person));
        for (Happening one : happened) {
            this.happened.computeIfAbsent(one.event(), name -> new ArrayList<>()).add(one);
        }
    }

    Expression.Values customer() {
        return customer;
    }

    List<Happening> happened(String event) {
        return happened.getOrDefault(event, List.of());
    }
}
