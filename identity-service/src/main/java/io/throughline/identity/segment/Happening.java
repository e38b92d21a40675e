package io.throughline.identity.segment;

import io.throughline.chassis.expression.Expression;
import java.time.Instant;
import java.util.Map;

/**
 * Something a customer did.
 *
 * @param properties as far as anybody asks for them
 */
public record Happening(String event, Instant at, Map<String, Object> properties) {

    Expression.Values values() {
        return Expression.values(Map.of("event", Map.of("name", event, "properties", properties)));
    }
}
