package io.throughline.journey.http;

import com.fasterxml.jackson.annotation.JsonRawValue;
import io.throughline.journey.store.JourneyStatus;
import io.throughline.journey.store.Journeys.Detail;
import io.throughline.journey.store.Journeys.StoredVersion;
import io.throughline.journey.store.Journeys.Summary;
import io.throughline.journey.store.Journeys.VersionNote;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A journey with one of its versions.
 *
 * @param activeVersion what customers enter; absent until the first activation
 * @param version the one that {@code document} and {@code source} show
 * @param document in canonical form
 * @param source as it was put, comments and all
 * @param versions newest first
 */
record JourneyView(
        String journey,
        JourneyStatus status,
        @Nullable Integer activeVersion,
        int latestVersion,
        int version,
        @JsonRawValue @Schema(type = SchemaType.OBJECT) String document,
        String source,
        String mediaType,
        List<VersionNote> versions,
        Instant createdAt,
        Instant changedAt) {

    static JourneyView of(Detail detail) {
        Summary summary = detail.summary();
        StoredVersion shown = detail.shown();
        return new JourneyView(
                summary.journey(),
                summary.status(),
                summary.activeVersion(),
                summary.latestVersion(),
                shown.version(),
                shown.document(),
                shown.source(),
                shown.mediaType(),
                detail.versions(),
                summary.createdAt(),
                summary.changedAt());
    }
}
