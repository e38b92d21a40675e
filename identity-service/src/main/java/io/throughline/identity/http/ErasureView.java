package io.throughline.identity.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import io.throughline.contracts.CustomerId;
import io.throughline.identity.erasure.Erasure;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How far an erasure has come.
 *
 * @param merged ids that stood for the customer too
 * @param state of the services
 */
public record ErasureView(
        UUID id,
        CustomerId customer,
        List<CustomerId> merged,
        State state,
        Instant askedAt,
        List<ServiceView> services,
        TopicsView topics) {

    /** How far it has come. */
    public enum State {
        /** Not every service has confirmed. */
        UNDER_WAY,
        /** No service holds anything any more; the logs may, see topics. */
        COMPLETE;

        @JsonValue
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param confirmedAt since when it holds nothing any more; absent until then
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ServiceView(String service, Instant askedAt, @Nullable Instant confirmedAt) {}

    /**
     * The logs, which forget by age.
     *
     * @param goneBy by when, as far as their settings say, they will hold nothing any more; absent
     *     where one keeps its records for ever, or nobody has looked yet
     * @param confirmedAt when somebody looked and there was nothing any more; absent until then
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TopicsView(@Nullable Instant goneBy, @Nullable Instant confirmedAt) {}

    static ErasureView of(Erasure erasure) {
        return new ErasureView(
                erasure.id(),
                erasure.customer(),
                erasure.aliases(),
                erasure.isComplete() ? State.COMPLETE : State.UNDER_WAY,
                erasure.askedAt(),
                Erasure.SERVICES.stream()
                        .map(service ->
                                new ServiceView(
                                        service,
                                        erasure.askedAt(),
                                        erasure.confirmed().get(service)))
                        .toList(),
                new TopicsView(erasure.logsUntil(), erasure.logsGoneAt()));
    }
}
