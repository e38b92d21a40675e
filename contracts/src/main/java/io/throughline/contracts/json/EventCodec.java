package io.throughline.contracts.json;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.throughline.contracts.ContractEvent;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.EventTypes;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Envelopes to and from a record's headers and value: CloudEvents 1.0, Kafka protocol binding,
 * binary content mode.
 */
public final class EventCodec {

    public static final String ID = "ce_id";
    public static final String SOURCE = "ce_source";
    public static final String TYPE = "ce_type";
    public static final String TIME = "ce_time";
    public static final String SPEC_VERSION = "ce_specversion";
    public static final String CONTENT_TYPE = "content-type";

    private final ObjectMapper mapper = ContractJson.mapper();

    /** What a record turned out to be. */
    public sealed interface Decoded {}

    public record Read(Envelope<?> envelope) implements Decoded {}

    /** A record that no reader here can take; the reason is for people. */
    public record Unreadable(String reason) implements Decoded {}

    public Map<String, String> headers(Envelope<?> envelope) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(SPEC_VERSION, "1.0");
        headers.put(ID, envelope.id().toString());
        headers.put(SOURCE, envelope.source());
        headers.put(TYPE, EventTypes.typeOf(envelope.data().getClass()));
        headers.put(TIME, envelope.time().toString());
        headers.put(CONTENT_TYPE, "application/json");
        return headers;
    }

    public byte[] value(ContractEvent event) {
        try {
            return mapper.writeValueAsBytes(event);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    event.getClass().getSimpleName() + " cannot be written as JSON", e);
        }
    }

    /** Reads a record; never throws, since a poison record must not stop a partition. */
    public Decoded decode(Map<String, String> headers, byte @Nullable [] value) {
        String type = headers.get(TYPE);
        if (type == null) {
            return new Unreadable("header " + TYPE + " is missing");
        }
        Optional<Class<? extends ContractEvent>> known = EventTypes.classOf(type);
        if (known.isEmpty()) {
            return new Unreadable("type " + type + " is unknown");
        }
        if (value == null) {
            return new Unreadable("the record has no value");
        }
        String id = headers.get(ID);
        String source = headers.get(SOURCE);
        String time = headers.get(TIME);
        if (id == null || source == null || time == null) {
            return new Unreadable(
                    "one of the headers " + ID + ", " + SOURCE + ", " + TIME + " is missing");
        }
        try {
            ContractEvent data = mapper.readValue(value, known.get());
            Optional<String> missing =
                    data == null ? Optional.of("data") : RequiredFields.firstMissing(data);
            if (missing.isPresent()) {
                return new Unreadable(type + " lacks the field " + missing.get());
            }
            return new Read(new Envelope<>(UUID.fromString(id), source, Instant.parse(time), data));
        } catch (IOException | IllegalArgumentException | DateTimeException e) {
            return new Unreadable(type + " cannot be read: " + firstLine(e));
        }
    }

    private static String firstLine(Exception e) {
        String message =
                e instanceof JsonProcessingException json
                        ? json.getOriginalMessage()
                        : e.getMessage();
        String text =
                message == null
                        ? e.getClass().getSimpleName()
                        : message.lines().findFirst().orElse("");
        return text;
    }
}
