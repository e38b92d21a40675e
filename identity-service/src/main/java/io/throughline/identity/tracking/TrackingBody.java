package io.throughline.identity.tracking;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.json.ContractJson;
import io.throughline.contracts.json.JsonMistake;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A request body of the tracking API, read once. JSON whatever the content type says, since
 * browsers send it as {@code text/plain} to be spared a preflight.
 */
public final class TrackingBody {

    /** Bytes of one event, and of a whole body; the limits Segment documents and its SDKs keep. */
    public static final int MAX_EVENT = 32 * 1024;

    public static final int MAX_BODY = 500 * 1024;
    public static final int MAX_EVENTS = 2_500;

    /**
     * Bytes that a batch may make of its shared context, which is written into each event; without
     * a limit, one request could ask for a gigabyte.
     */
    public static final int MAX_INHERITED = 2 * 1024 * 1024;

    /** Fields of a batch that its events inherit. */
    private static final Set<String> INHERITED = Set.of("context", "integrations");

    private static final JsonFactory JSON = ContractJson.mapper().getFactory();

    private final Call call;
    private final Map<String, Object> fields;
    private final List<Map<String, Object>> batch;
    private final long inheritedBytes;

    /** Of values that are JSON and cannot be taken; told with those of the events. */
    private final List<Fault> faultsWithin;

    private TrackingBody(
            Call call,
            Map<String, Object> fields,
            List<Map<String, Object>> batch,
            long inheritedBytes,
            List<Fault> faultsWithin) {
        this.call = call;
        this.fields = fields;
        this.batch = batch;
        this.inheritedBytes = inheritedBytes;
        this.faultsWithin = faultsWithin;
    }

    /** Reads the JSON and checks its sizes; the events are checked by {@link #events}. */
    public static Checked<TrackingBody> read(Call call, byte[] body) {
        int limit = call == Call.BATCH ? MAX_BODY : MAX_EVENT;
        if (body.length > limit) {
            return Checked.faulty(
                    "body",
                    "expected at most "
                            + limit / 1024
                            + " KB ("
                            + limit
                            + " bytes) for "
                            + (call == Call.BATCH ? "a batch" : "an event")
                            + ", were "
                            + body.length);
        }
        try (JsonParser parser = JSON.createParser(body)) {
            return read(call, parser);
        } catch (JsonProcessingException e) {
            return Checked.faulty("body", "expected a JSON object, " + reason(e));
        } catch (IOException e) {
            throw new UncheckedIOException("an array in memory cannot fail to be read", e);
        }
    }

    /**
     * Reads the query of an image request.
     *
     * @param query decoded; of a name that stands twice the first value
     */
    public static Checked<TrackingBody> ofPixel(Call call, Map<String, String> query) {
        return switch (PixelQuery.read(query)) {
            case Checked.Fine(Map<String, Object> fields) -> {
                List<Fault> within = new ArrayList<>();
                Map<String, Object> clean = CleanJson.clean("", fields, within);
                yield new Checked.Fine<>(new TrackingBody(call, clean, List.of(), 0, within));
            }
            case Checked.Faulty(List<Fault> faults) -> new Checked.Faulty<>(faults);
        };
    }

    /** The write key in the body, where senders put it that cannot set headers. */
    public @Nullable String writeKey() {
        return fields.get("writeKey") instanceof String key ? key : null;
    }

    /** How much larger than the body its events are, with what they inherit written into each. */
    public long inheritedBytes() {
        return inheritedBytes;
    }

    /**
     * The events of the body, or everything that is wrong with them: a batch is taken whole or not
     * at all.
     *
     * @param newMessageId for events whose sender gave none
     */
    public Checked<List<AcceptedEvent>> events(Reception reception, Supplier<String> newMessageId) {
        List<Fault> faults = new ArrayList<>(faultsWithin);
        Fields envelope = new Fields("", fields, faults);
        EventReader reader =
                new EventReader(
                        reception,
                        envelope.instant("sentAt"),
                        call == Call.BATCH ? envelope.object("context") : Map.of(),
                        call == Call.BATCH ? envelope.object("integrations") : Map.of(),
                        newMessageId);
        List<AcceptedEvent> events =
                call == Call.BATCH
                        ? readBatch(reader, faults)
                        : reader.read(call.kind(), envelope).stream().toList();
        return faults.isEmpty() ? new Checked.Fine<>(events) : new Checked.Faulty<>(faults);
    }

    private List<AcceptedEvent> readBatch(EventReader reader, List<Fault> faults) {
        List<AcceptedEvent> events = new ArrayList<>(batch.size());
        for (int i = 0; i < batch.size(); i++) {
            String path = "batch[" + i + "]";
            reader.read(null, new Fields(path, batch.get(i), faults)).ifPresent(events::add);
        }
        return events;
    }

    private static Checked<TrackingBody> read(Call call, JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            return Checked.faulty("body", "expected a JSON object");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        List<Map<String, Object>> batch = new ArrayList<>();
        List<Fault> faults = new ArrayList<>();
        List<Fault> within = new ArrayList<>();
        Sizes sizes = new Sizes();
        boolean hasBatch = false;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = CleanJson.text(parser.currentName());
            JsonToken value = parser.nextToken();
            if (call == Call.BATCH && name.equals("batch") && value == JsonToken.START_ARRAY) {
                hasBatch = true;
                readItems(parser, batch, sizes, faults, within);
            } else if (value != JsonToken.VALUE_NULL) {
                boolean isShared = call == Call.BATCH && INHERITED.contains(name);
                long start = isShared ? parser.currentTokenLocation().getByteOffset() : 0;
                fields.put(name, Objects.requireNonNull(CleanJson.read(parser, name, within)));
                if (isShared) {
                    sizes.shared += parser.currentLocation().getByteOffset() - start;
                }
            }
        }
        if (call == Call.BATCH) {
            sizes.check(batch.size(), faults);
        }
        if (parser.nextToken() != null) {
            faults.add(new Fault("body", "expected one JSON object and nothing after it"));
        }
        if (call == Call.BATCH && (!hasBatch || (batch.isEmpty() && faults.isEmpty()))) {
            faults.add(new Fault("batch", "expected an array of at least one event"));
        }
        return faults.isEmpty()
                ? new Checked.Fine<>(
                        new TrackingBody(
                                call, fields, batch, sizes.inherited(batch.size()), within))
                : new Checked.Faulty<>(faults);
    }

    /** Bytes of what is written once and of the largest event. */
    private static final class Sizes {

        private long shared;
        private long largest;
        private int indexOfLargest;

        void add(int index, long size) {
            if (size > largest) {
                largest = size;
                indexOfLargest = index;
            }
        }

        long inherited(int events) {
            return shared * events;
        }

        void check(int events, List<Fault> faults) {
            if (shared > 0 && shared + largest > MAX_EVENT) {
                faults.add(
                        new Fault(
                                "batch[" + indexOfLargest + "]",
                                tooLarge("an event with what it inherits", shared + largest)));
            } else if (inherited(events) > MAX_INHERITED) {
                faults.add(
                        new Fault(
                                "context",
                                "expected at most "
                                        + MAX_INHERITED
                                        + " bytes of context and integrations, written into each event; were "
                                        + inherited(events)));
            }
        }
    }

    private static String tooLarge(String what, long size) {
        return "expected at most "
                + MAX_EVENT / 1024
                + " KB ("
                + MAX_EVENT
                + " bytes) for "
                + what
                + ", were "
                + size;
    }

    private static void readItems(
            JsonParser parser,
            List<Map<String, Object>> batch,
            Sizes sizes,
            List<Fault> faults,
            List<Fault> within)
            throws IOException {
        int index = 0;
        for (JsonToken token = parser.nextToken();
                token != JsonToken.END_ARRAY;
                token = parser.nextToken(), index++) {
            if (index == MAX_EVENTS) {
                faults.add(new Fault("batch", "expected at most " + MAX_EVENTS + " events"));
            }
            readItem(parser, index, batch, sizes, faults, within);
        }
    }

    @SuppressWarnings("unchecked")
    private static void readItem(
            JsonParser parser,
            int index,
            List<Map<String, Object>> batch,
            Sizes sizes,
            List<Fault> faults,
            List<Fault> within)
            throws IOException {
        String path = "batch[" + index + "]";
        long start = parser.currentTokenLocation().getByteOffset();
        Object item = CleanJson.read(parser, path, within);
        long size = parser.currentLocation().getByteOffset() - start;
        if (!(item instanceof Map<?, ?> fields)) {
            faults.add(new Fault(path, "expected an object, was " + Fields.kindOf(item)));
        } else if (size > MAX_EVENT) {
            faults.add(new Fault(path, tooLarge("an event", size)));
        } else {
            sizes.add(index, size);
            batch.add((Map<String, Object>) fields);
        }
    }

    private static String reason(JsonProcessingException e) {
        String place =
                e.getLocation() == null
                        ? ""
                        : "line "
                                + e.getLocation().getLineNr()
                                + ", column "
                                + e.getLocation().getColumnNr()
                                + ": ";
        return place + JsonMistake.of(e);
    }
}
