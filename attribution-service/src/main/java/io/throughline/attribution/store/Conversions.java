package io.throughline.attribution.store;

import io.smallrye.mutiny.Uni;
import io.throughline.attribution.conversion.Achieved;
import io.throughline.attribution.conversion.Reversal;
import io.vertx.mutiny.sqlclient.SqlConnection;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conversions and what takes them back, as they were told; the view says what stands. */
@ApplicationScoped
public class Conversions {

    /** Decimals travel as text, which keeps their scale. */
    private static final String ADD =
            """
            INSERT INTO conversions (id, journey, customer, name, at, order_id, value, currency, gross, within)
            SELECT id, journey, customer, name, at, order_id, value::numeric, currency, gross::numeric,
                   within::interval
              FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[],
                          $7::text[], $8::text[], $9::text[], $10::text[])
                AS c(id, journey, customer, name, at, order_id, value, currency, gross, within)
            ON CONFLICT DO NOTHING
            """;

    private static final String REVERSE =
            """
            INSERT INTO reversals (id, customer, order_id, amount, at)
            SELECT id, customer, order_id, amount::numeric, at
              FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[])
                AS r(id, customer, order_id, amount, at)
            ON CONFLICT DO NOTHING
            """;

    public Uni<Void> add(SqlConnection tx, List<Achieved> conversions) {
        if (conversions.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(ADD)
                .execute(
                        new Columns<>(conversions)
                                .uuid(Achieved::event)
                                .text(Achieved::journey)
                                .uuid(c -> c.customer().value())
                                .text(Achieved::name)
                                .time(Achieved::at)
                                .text(Achieved::orderId)
                                .text(c -> c.value() == null ? null : plain(c.value().amount()))
                                .text(c -> c.value() == null ? null : c.value().currency())
                                .text(c -> plain(c.gross()))
                                .text(c -> c.within() == null ? null : c.within().toString())
                                .tuple())
                .replaceWithVoid();
    }

    public Uni<Void> reverse(SqlConnection tx, List<Reversal> reversals) {
        if (reversals.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return tx.preparedQuery(REVERSE)
                .execute(
                        new Columns<>(reversals)
                                .uuid(Reversal::event)
                                .uuid(r -> r.customer().value())
                                .text(Reversal::orderId)
                                .text(r -> plain(r.amount()))
                                .time(Reversal::at)
                                .tuple())
                .replaceWithVoid();
    }

    private static @Nullable String plain(@Nullable BigDecimal amount) {
        return amount == null ? null : amount.toPlainString();
    }
}
