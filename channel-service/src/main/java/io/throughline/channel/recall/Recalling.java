package io.throughline.channel.recall;

import io.smallrye.mutiny.Uni;
import io.throughline.channel.dispatch.Routes;
import io.throughline.channel.route.Recallability;
import io.throughline.channel.route.Route;
import io.throughline.channel.store.Recalls;
import io.throughline.channel.store.Recalls.Asked;
import io.throughline.channel.store.Recalls.Cause;
import io.throughline.channel.store.Recalls.Lifted;
import io.throughline.contracts.ConsentState;
import io.throughline.contracts.Envelope;
import io.throughline.contracts.customer.ConsentChanged;
import io.throughline.contracts.customer.SilenceBegun;
import io.throughline.contracts.customer.SilenceLifted;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Notes what is to be taken back, in the transaction of whoever tells why. */
@ApplicationScoped
public class Recalling {

    private final Routes routes;
    private final Recalls recalls;
    private final InstantSource clock;

    Recalling(Routes routes, Recalls recalls, InstantSource clock) {
        this.routes = routes;
        this.recalls = recalls;
        this.clock = clock;
    }

    /** After conversions' silences, their liftings, and opt-outs that others put in force. */
    public Uni<Void> after(SqlConnection tx, List<Envelope<?>> events) {
        List<Asked> asked = new ArrayList<>();
        List<Lifted> lifted = new ArrayList<>();
        for (Envelope<?> event : events) {
            if (event.data() instanceof SilenceBegun begun) {
                asked.add(
                        new Asked(
                                begun.customer(),
                                Cause.CONVERSION,
                                null,
                                null,
                                begun.journey(),
                                begun.occurredAt(),
                                begun.categories(),
                                begun.cause(),
                                begun.causedAt()));
            } else if (event.data() instanceof SilenceLifted over) {
                lifted.add(new Lifted(over.customer(), over.cause(), over.at()));
            } else if (event.data() instanceof ConsentChanged said
                    && said.state() == ConsentState.OPTED_OUT) {
                asked.add(
                        new Asked(
                                said.customer(), said.channel(), said.topic(), said.occurredAt()));
            }
        }
        return recalls.lift(tx, lifted, clock.instant()).chain(() -> ask(tx, asked));
    }

    public Uni<Void> ask(SqlConnection tx, List<Asked> asked) {
        return recalls.ask(tx, asked, recallable(), clock.instant());
    }

    private List<String> recallable() {
        return routes.all().stream()
                .filter(route -> route.recallability() instanceof Recallability.OnRequest)
                .map(Route::name)
                .toList();
    }
}
