package io.throughline.journey.http;

import io.throughline.journey.definition.JourneyParser;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The JSON Schema of journey documents, open to every editor. */
@Path("/api/journeys/schema")
@Tag(name = "Journeys")
class SchemaResource {

    private final String schema = read();

    @GET
    @PermitAll
    @Produces("application/schema+json")
    @Operation(summary = "The JSON Schema of journey documents, for editors")
    public String get() {
        return schema;
    }

    private static String read() {
        try (InputStream in = JourneyParser.class.getResourceAsStream("/journey.schema.json")) {
            if (in == null) {
                throw new IllegalStateException("journey.schema.json is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
