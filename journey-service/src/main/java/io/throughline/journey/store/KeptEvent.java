package io.throughline.journey.store;

import com.fasterxml.jackson.databind.JsonNode;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.EventTypes;
import io.throughline.contracts.json.ContractJson;

/**
 * An event set aside for an instance whose journey is paused.
 *
 * @param type CloudEvents type
 * @param data as it travelled
 */
public record KeptEvent(String type, JsonNode data) {

    public static KeptEvent of(ContractEvent event) {
        return new KeptEvent(
                EventTypes.typeOf(event.getClass()), ContractJson.mapper().valueToTree(event));
    }

    /**
     * @throws IllegalStateException when it is of a type that is not known any more
     */
    public ContractEvent event() {
        Class<? extends ContractEvent> known =
                EventTypes.classOf(type)
                        .orElseThrow(() -> new IllegalStateException("unknown type " + type));
        return ContractJson.mapper().convertValue(data, known);
    }
}
