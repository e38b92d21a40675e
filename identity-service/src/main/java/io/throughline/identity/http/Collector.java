package io.throughline.identity.http;

import io.smallrye.mutiny.Uni;
import io.throughline.identity.source.Origin;
import io.throughline.identity.tracking.Call;
import io.throughline.identity.tracking.Checked;
import io.throughline.identity.tracking.Fault;
import io.throughline.identity.tracking.TrackingBody;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes requests of the tracking API, whichever way they come: is there room, whose are they, what
 * do they say.
 */
@Singleton
class Collector {

    private final InFlight inFlight;
    private final WriteKeys keys;
    private final IdentityCookie cookie;
    private final BrowserOrigins origins;
    private final Acceptance acceptance;

    Collector(
            InFlight inFlight,
            WriteKeys keys,
            IdentityCookie cookie,
            BrowserOrigins origins,
            Acceptance acceptance) {
        this.inFlight = inFlight;
        this.keys = keys;
        this.cookie = cookie;
        this.origins = origins;
        this.acceptance = acceptance;
    }

    /** Is done when the events are durable; fails with the problem to be answered otherwise. */
    Uni<Void> take(Call call, byte @Nullable [] body, HttpServerRequest request) {
        byte[] bytes = body == null ? new byte[0] : body;
        ShownKey shown = ShownKey.of(request);
        Sender sender = sender(request);
        return inFlight.within(
                bytes.length,
                () ->
                        shown.text() == null
                                ? plain(
                                        request,
                                        bytes,
                                        plain ->
                                                takeWithKeyInside(
                                                        call, plain, shown.bearer(), sender))
                                : keys.origin(shown.text())
                                        .chain(origin ->
                                                plain(
                                                        request,
                                                        bytes,
                                                        plain ->
                                                                take(
                                                                        call, plain, origin,
                                                                        sender))));
    }

    /** What a body unpacks to is under way too. */
    private Uni<Void> plain(
            HttpServerRequest request, byte[] bytes, Function<byte[], Uni<Void>> work) {
        byte[] plain = BodyEncoding.decoded(request, bytes);
        return inFlight.alsoWithin(
                Math.max(0, plain.length - bytes.length), () -> work.apply(plain));
    }

    /** The same for an image request, whose query is its body. */
    Uni<Void> takePixel(Call call, Map<String, String> query, HttpServerRequest request) {
        Sender sender = sender(request);
        return inFlight.within(
                0,
                () ->
                        keys.origin(ShownKey.of(request).text())
                                .chain(origin ->
                                        take(TrackingBody.ofPixel(call, query), origin, sender)));
    }

    /** The key outside the body is looked at first, so that a stranger's body is not parsed. */
    private Uni<Void> take(Call call, byte[] bytes, Origin origin, Sender sender) {
        return take(TrackingBody.read(call, bytes), origin, sender);
    }

    private Uni<Void> take(Checked<TrackingBody> read, Origin origin, Sender sender) {
        return switch (read) {
            case Checked.Fine(TrackingBody body) -> acceptance.take(body, origin, sender);
            case Checked.Faulty(List<Fault> faults) ->
                    Uni.createFrom().failure(Acceptance.problem(faults));
        };
    }

    private Uni<Void> takeWithKeyInside(
            Call call, byte[] bytes, @Nullable String bearer, Sender sender) {
        return switch (TrackingBody.read(call, bytes)) {
            case Checked.Fine(TrackingBody body) -> {
                String inside = body.writeKey();
                yield keys.origin(inside == null ? bearer : inside)
                        .chain(origin -> acceptance.take(body, origin, sender));
            }
            case Checked.Faulty(List<Fault> faults) ->
                    Uni.createFrom().failure(Acceptance.problem(faults));
        };
    }

    /** A page of elsewhere does not speak for whoever looks at it. */
    private Sender sender(HttpServerRequest request) {
        SocketAddress remote = request.remoteAddress();
        return new Sender(
                origins.allow(request) ? cookie.read(request) : null,
                remote == null ? null : remote.hostAddress());
    }
}
