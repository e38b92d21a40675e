package io.throughline.contracts;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** The AsyncAPI 3.0 document of the topics, read off {@link Topics} and {@link EventTypes}. */
final class AsyncApi {

    private static final Map<String, String> SAYS =
            Map.of(
                    Topics.EVENTS, "Accepted events before resolution; identity to identity.",
                    Topics.CUSTOMERS, "One ordered stream a customer; identity to all.",
                    Topics.MESSAGES_REQUESTED, "Messages to hand over; journey to channel.",
                    Topics.MESSAGES_LIFECYCLE, "What became of messages; channel to all.",
                    Topics.DECISIONS,
                            "What was decided about customers and messages; journey and channel to attribution.",
                    Topics.PREDICTIONS,
                            "What models expect of customers, compacted; of a customer one record. A record without"
                                    + " a value takes a customer's back out of the log, and readers pass over it.",
                    Topics.POLICIES,
                            "Contact policy and conversion rules in force, compacted; journey to all.");

    private AsyncApi() {}

    static ObjectNode document(ObjectMapper mapper) {
        ObjectNode document = mapper.createObjectNode();
        document.put("asyncapi", "3.0.0");
        document.putObject("info")
                .put("title", "Throughline topics")
                .put("version", "1")
                .put(
                        "description",
                        "Records are JSON with CloudEvents 1.0 attributes in the headers (Kafka protocol binding, binary"
                                + " mode). Delivery is at least once; readers are idempotent by ce_id. Unknown fields are"
                                + " ignored, unknown types go to the topic's dead-letter topic, <topic>.dead.");
        ObjectNode channels = document.putObject("channels");
        ObjectNode operations = document.putObject("operations");
        ObjectNode messages = document.putObject("components").putObject("messages");
        for (String topic : Topics.all()) {
            ObjectNode channel = channels.putObject(topic);
            channel.put("address", topic);
            channel.put("description", SAYS.get(topic));
            ObjectNode operation = operations.putObject("receive." + topic);
            operation.put("action", "receive");
            operation.putObject("channel").put("$ref", "#/channels/" + topic);
            ObjectNode ofChannel = channel.putObject("messages");
            List<Class<? extends ContractEvent>> events = EventTypes.on(topic).toList();
            for (Class<? extends ContractEvent> event : events) {
                String type = EventTypes.typeOf(event);
                ofChannel.putObject(type).put("$ref", "#/components/messages/" + type);
                message(messages.putObject(type), type, event);
            }
        }
        return document;
    }

    private static void message(ObjectNode message, String type, Class<?> event) {
        message.put("name", type);
        message.put("title", event.getSimpleName());
        message.put("contentType", "application/json");
        ObjectNode headers =
                message.putObject("headers").put("type", "object").putObject("properties");
        headers.putObject("ce_specversion").put("const", "1.0");
        headers.putObject("ce_type").put("const", type);
        headers.putObject("ce_id").put("type", "string").put("format", "uuid");
        headers.putObject("ce_source").put("type", "string");
        headers.putObject("ce_time").put("type", "string").put("format", "date-time");
        message.putObject("payload").put("$ref", "schemas/" + type + ".json");
    }
}
