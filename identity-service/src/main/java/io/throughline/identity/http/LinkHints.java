package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Identifier;
import io.throughline.contracts.ingest.AcceptedEvent;
import io.throughline.contracts.ingest.Trust;
import io.throughline.identity.http.IdentityConfiguration.LinkConfiguration;
import io.throughline.identity.identifier.Identifiers;
import io.throughline.identity.neighbour.ChannelService;
import io.throughline.identity.neighbour.ChannelService.LinkedMessage;
import io.throughline.identity.store.LinkHintStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The token of a link that somebody followed tells whose message it stood in, and so, most likely,
 * whose browser this is. It is taken as an event that names both, which the rules of resolution may
 * still refuse: it joins no two people that are known to differ.
 *
 * <p>Messages are passed on and links are copied. So it is believed for some days only, and in a
 * few browsers only; and the answer says nothing of who it is.
 */
@ApplicationScoped
class LinkHints {

    private static final Logger LOG = Logger.getLogger(LinkHints.class);

    private final ChannelService channel;
    private final LinkHintStore followed;
    private final Acceptance acceptance;
    private final InstantSource clock;
    private final LinkConfiguration limits;

    LinkHints(
            ChannelService channel,
            LinkHintStore followed,
            Acceptance acceptance,
            InstantSource clock,
            IdentityConfiguration configuration) {
        this.channel = channel;
        this.followed = followed;
        this.acceptance = acceptance;
        this.clock = clock;
        this.limits = configuration.link();
    }

    /** What became of a hint. */
    enum Outcome {
        /** The browser belongs to whom the message went to, as far as the rules allow. */
        TAKEN,
        /** The token is not one of ours, or too old, or was followed in too many browsers. */
        REFUSED,
        /** It cannot be known now; the same again later may succeed. */
        LATER;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param source on whose pages it happened
     */
    Uni<Outcome> take(String token, String anonymousId, String source) {
        return channel.behind(token)
                .chain(message ->
                        message == null || !isFresh(message)
                                ? Uni.createFrom().item(Outcome.REFUSED)
                                : take(message, anonymousId, source))
                .onFailure()
                .recoverWithItem(failure -> {
                    LOG.warnf("a link's token could not be taken as a hint: %s", failure);
                    return Outcome.LATER;
                });
    }

    private Uni<Outcome> take(LinkedMessage message, String anonymousId, String source) {
        Instant now = clock.instant();
        AcceptedEvent event = event(message, anonymousId, source, now);
        return event == null
                ? Uni.createFrom().item(Outcome.REFUSED)
                : followed.note(message.message(), anonymousId, limits.browsers(), now)
                        .chain(believed ->
                                believed
                                        ? acceptance.take(List.of(event)).replaceWith(Outcome.TAKEN)
                                        : Uni.createFrom().item(Outcome.REFUSED));
    }

    private boolean isFresh(LinkedMessage message) {
        return clock.instant().isBefore(message.sentAt().plus(limits.validFor()));
    }

    /**
     * The same hint always has the same message id, so that it counts once. It is trusted whatever
     * the source is: the token was in the message, and only there.
     */
    private static @Nullable AcceptedEvent event(
            LinkedMessage message, String anonymousId, String source, Instant now) {
        return Identifiers.ofAddress(message.channel(), message.address())
                .map(address ->
                        new AcceptedEvent(
                                "link:" + message.message() + ":" + anonymousId,
                                source,
                                AcceptedEvent.Kind.IDENTIFY,
                                null,
                                List.of(
                                        address,
                                        new Identifier(Identifier.ANONYMOUS_ID, anonymousId)),
                                Map.of(),
                                Map.of(),
                                Map.of(
                                        "link",
                                        Map.of(
                                                "message",
                                                message.message().toString(),
                                                "channel",
                                                message.channel().word())),
                                now,
                                now,
                                null,
                                null,
                                null,
                                Trust.TRUSTED))
                .orElse(null);
    }
}
