package io.throughline.journey.store;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.panache.common.Sort;
import io.smallrye.mutiny.Uni;
import io.throughline.chassis.http.Problem;
import io.throughline.chassis.stream.Outbox;
import io.throughline.contracts.policy.PolicyEvent.ConversionRule;
import io.throughline.contracts.policy.PolicyEvent.ConversionRulesPublished;
import io.throughline.journey.definition.JourneyDocument;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Journeys as marketers manage them. What a change means for the other services goes along. */
@ApplicationScoped
public class Journeys {

    // Index: timers_held.
    private static final String RELEASE =
            """
            UPDATE timers SET held = false WHERE journey = :journey AND held
            """;

    // Index: instances_journey. One statement whatever the number of instances; the timer loop then
    // stops them in batches.
    private static final String STOP_ALL =
            """
            INSERT INTO timers (instance, key, customer, journey, kind, due_at)
            SELECT id, 'stop', customer, journey, 'stop', :now
              FROM instances
             WHERE journey = :journey AND status = 'running'
            ON CONFLICT (instance, key) DO NOTHING
            """;

    private final Outbox outbox;
    private final InstantSource clock;
    private final Vertx vertx;

    Journeys(Outbox outbox, InstantSource clock, Vertx vertx) {
        this.vertx = vertx;
        this.outbox = outbox;
        this.clock = clock;
    }

    /**
     * A journey without its documents.
     *
     * @param activeVersion what customers enter; absent until the first activation
     */
    public record Summary(
            String journey,
            JourneyStatus status,
            @Nullable Integer activeVersion,
            int latestVersion,
            Instant createdAt,
            Instant changedAt) {}

    /** When a version was put. */
    public record VersionNote(int version, Instant createdAt) {}

    /**
     * A version as it was put.
     *
     * @param document canonical JSON
     * @param source what was put, comments and all
     */
    public record StoredVersion(
            int version, String document, String source, String mediaType, Instant createdAt) {}

    /** A journey with one of its versions, and which others there are, newest first. */
    public record Detail(Summary summary, StoredVersion shown, List<VersionNote> versions) {}

    /** Stores a new version of a journey, which may be a new journey. */
    public Uni<Summary> put(JourneyDocument document, String source, String mediaType) {
        Instant now = clock.instant();
        String key = document.journey();
        return Panache.withTransaction(() ->
                        JourneyRow.<JourneyRow>findById(key, LockModeType.PESSIMISTIC_WRITE)
                                .chain(found -> found == null ? create(key, now) : next(found, now))
                                .chain(row -> version(row, document, source, mediaType, now)))
                .onFailure(Journeys::isDuplicate)
                .transform(failure ->
                        Problem.conflict(
                                "journey " + key + " was put by somebody else at the same time"));
    }

    /** Journeys in the order of their keys. */
    public Uni<List<Summary>> page(@Nullable String after, int limit) {
        return Panache.withSession(() ->
                        JourneyRow.<JourneyRow>find(
                                        "FROM JourneyRow j WHERE j.key > ?1 ORDER BY j.key",
                                        after == null ? "" : after)
                                .page(0, limit)
                                .list())
                .map(rows -> rows.stream().map(Journeys::summary).toList());
    }

    /**
     * @param version absent for the latest
     * @throws Problem 404 when there is no such journey or version
     */
    public Uni<Detail> find(String key, @Nullable Integer version) {
        return Panache.withSession(() ->
                JourneyRow.<JourneyRow>findById(key)
                        .map(row -> present(row, key))
                        .chain(row -> detail(row, version == null ? row.latestVersion : version)));
    }

    /**
     * Lets customers in, and those that were paused go on.
     *
     * @param version what customers enter from now on; absent for the latest
     * @throws Problem 404 when there is no such journey or version
     */
    public Uni<Summary> activate(String key, @Nullable Integer version) {
        return find(key, version).map(Detail::shown).chain(shown -> activate(key, shown));
    }

    /** What is read before the transaction begins never changes. */
    private Uni<Summary> activate(String key, StoredVersion chosen) {
        return vertx.executeBlocking(() -> Catalogue.document(chosen.document()).conversionRules())
                .chain(rules ->
                        change(() ->
                                locked(key).chain(row -> activated(row, chosen.version(), rules))));
    }

    /**
     * Lets nobody in and holds timers.
     *
     * @throws Problem 404 when there is no such journey, 409 when it is not active
     */
    public Uni<Summary> pause(String key) {
        return change(() -> locked(key).map(this::paused));
    }

    /**
     * Ends the journey for everyone who is in it.
     *
     * @throws Problem 404 when there is no such journey
     */
    public Uni<Summary> archive(String key) {
        return change(() -> locked(key).chain(this::archived));
    }

    private Uni<Summary> change(Supplier<Uni<Summary>> work) {
        return Panache.withTransaction(work).invoke(outbox::wake);
    }

    private static Uni<JourneyRow> create(String key, Instant now) {
        JourneyRow row = new JourneyRow();
        row.key = key;
        row.createdAt = now;
        row.latestVersion = 1;
        row.become(JourneyStatus.DRAFT, now);
        return row.persist();
    }

    private static Uni<JourneyRow> next(JourneyRow row, Instant now) {
        row.latestVersion++;
        row.changedAt = now;
        return Uni.createFrom().item(row);
    }

    private static Uni<Summary> version(
            JourneyRow journey,
            JourneyDocument document,
            String source,
            String mediaType,
            Instant now) {
        VersionRow row = new VersionRow();
        row.journey = journey.key;
        row.version = journey.latestVersion;
        row.document = document.toJson();
        row.source = source;
        row.mediaType = mediaType;
        row.createdAt = now;
        return row.<VersionRow>persistAndFlush().replaceWith(() -> summary(journey));
    }

    private static Uni<JourneyRow> locked(String key) {
        return JourneyRow.<JourneyRow>findById(key, LockModeType.PESSIMISTIC_WRITE)
                .map(row -> present(row, key));
    }

    private static Uni<VersionRow> stored(String key, int version) {
        return VersionRow.<VersionRow>findById(new VersionRow.Key(key, version))
                .map(row -> {
                    if (row == null) {
                        throw Problem.notFound("journey " + key + " has no version " + version);
                    }
                    return row;
                });
    }

    private Uni<Summary> activated(JourneyRow row, int version, List<ConversionRule> rules) {
        row.activeVersion = version;
        row.become(JourneyStatus.ACTIVE, clock.instant());
        return execute(RELEASE, row.key, null)
                .chain(() -> publish(row, rules))
                .replaceWith(() -> summary(row));
    }

    private Summary paused(JourneyRow row) {
        if (row.standing() != JourneyStatus.ACTIVE && row.standing() != JourneyStatus.PAUSED) {
            throw Problem.conflict(
                    "only an active journey can be paused, this one is " + row.standing().word());
        }
        row.become(JourneyStatus.PAUSED, clock.instant());
        return summary(row);
    }

    private Uni<Summary> archived(JourneyRow row) {
        Instant now = clock.instant();
        row.become(JourneyStatus.ARCHIVED, now);
        return execute(STOP_ALL, row.key, now)
                .chain(() -> publish(row, List.of()))
                .replaceWith(() -> summary(row));
    }

    private static Uni<Void> execute(String sql, String journey, @Nullable Instant now) {
        return Panache.getSession()
                .map(session -> session.createNativeQuery(sql).setParameter("journey", journey))
                .chain(query ->
                        (now == null ? query : query.setParameter("now", Columns.utc(now)))
                                .executeUpdate())
                .replaceWithVoid();
    }

    private Uni<Void> publish(JourneyRow row, List<ConversionRule> rules) {
        int version = row.activeVersion == null ? row.latestVersion : row.activeVersion;
        ConversionRulesPublished event =
                new ConversionRulesPublished(row.key, version, rules, row.changedAt);
        return Panache.getSession().chain(session -> outbox.append(session, List.of(event)));
    }

    private static JourneyRow present(@Nullable JourneyRow row, String key) {
        if (row == null) {
            throw Problem.notFound("there is no journey " + key);
        }
        return row;
    }

    private static Uni<Detail> detail(JourneyRow row, int version) {
        return stored(row.key, version)
                .chain(shown ->
                        VersionRow.<VersionRow>list("journey", Sort.descending("version"), row.key)
                                .map(all -> new Detail(summary(row), version(shown), notes(all))));
    }

    private static List<VersionNote> notes(List<VersionRow> rows) {
        return rows.stream().map(row -> new VersionNote(row.version, row.createdAt)).toList();
    }

    private static StoredVersion version(VersionRow row) {
        return new StoredVersion(
                row.version, row.document, row.source, row.mediaType, row.createdAt);
    }

    private static Summary summary(JourneyRow row) {
        return new Summary(
                row.key,
                row.standing(),
                row.activeVersion,
                row.latestVersion,
                row.createdAt,
                row.changedAt);
    }

    private static boolean isDuplicate(Throwable failure) {
        return failure instanceof org.hibernate.exception.ConstraintViolationException;
    }
}
