package io.throughline.chassis.http;

import com.fasterxml.jackson.databind.JsonNode;
import io.smallrye.mutiny.Uni;
import io.throughline.contracts.Channel;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.ConnectException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.hibernate.exception.JDBCConnectionException;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jspecify.annotations.Nullable;

/** Routes as services have them, some of which fail. */
@Path("/things")
@PermitAll
class TestResource {

    private final Pool pool;
    private final Mutiny.SessionFactory sessions;

    TestResource(Pool pool, Mutiny.SessionFactory sessions) {
        this.pool = pool;
        this.sessions = sessions;
    }

    @GET
    public String list(
            @QueryParam("limit") @DefaultValue("50") int limit,
            @QueryParam("version") @Nullable Integer version,
            @QueryParam("cursor") @Nullable String cursor) {
        return limit + " " + version + " " + Cursor.decode(cursor);
    }

    @GET
    @Path("{id}")
    public String get(@PathParam("id") UUID id) {
        return id.toString();
    }

    @PUT
    @Path("{key}")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<String> put(@PathParam("key") String key, @Nullable Map<String, String> body) {
        return stored(body == null ? "null" : body.get("text"));
    }

    @PUT
    @Path("{key}/tree")
    @Consumes(MediaType.APPLICATION_JSON)
    public Uni<String> putTree(@PathParam("key") String key, JsonNode body) {
        return stored(body.path("text").textValue());
    }

    record Part(int count, @Nullable Channel channel) {}

    record Typed(@Nullable String name, @Nullable Duration pause, @Nullable List<Part> parts) {}

    @PUT
    @Path("{key}/typed")
    @Consumes(MediaType.APPLICATION_JSON)
    public String putTyped(@PathParam("key") String key, Typed body) {
        return body.toString();
    }

    private Uni<String> stored(@Nullable String text) {
        return pool.preparedQuery("SELECT $1::text")
                .execute(Tuple.of(text))
                .map(rows -> rows.iterator().next().getString(0));
    }

    @GET
    @Path("failing/{how}")
    public Uni<String> fail(@PathParam("how") String how) {
        return switch (how) {
            case "refused" -> Uni.createFrom().failure(new ConnectException("Connection refused"));
            case "wrapped" ->
                    Uni.createFrom()
                            .failure(
                                    new JDBCConnectionException(
                                            "could not", new SQLException("gone", "08006")));
            case "full" -> failing("53300");
            case "full-managed" ->
                    sessions.withSession(session ->
                            session.createNativeQuery(raise("53300"), String.class)
                                    .getSingleResult());
            case "bug" -> failing("42P01");
            default -> Uni.createFrom().failure(new IllegalStateException(how));
        };
    }

    private Uni<String> failing(String sqlState) {
        return pool.query(raise(sqlState)).execute().map(rows -> "");
    }

    private static String raise(String sqlState) {
        return "SELECT raise('" + sqlState + "')";
    }
}
