package io.throughline.chassis.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of an error answer (RFC 9457).
 *
 * @param type stable URI of the kind of problem
 * @param field the field that is wrong, where exactly one is
 * @param errors every field that is wrong
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ProblemDocument(
        String type,
        String title,
        int status,
        String detail,
        @Nullable String field,
        List<Problem.FieldError> errors) {

    static final String MEDIA_TYPE = "application/problem+json";

    /** Which JAX-RS has no name for. */
    private static final int UNPROCESSABLE = 422;

    private static final String TYPES = "https://throughline.io/problems/";

    static ProblemDocument of(Problem problem) {
        String title = title(problem.status());
        String field = problem.errors().size() == 1 ? problem.errors().getFirst().field() : null;
        return new ProblemDocument(
                TYPES + problem.type(),
                title,
                problem.status(),
                problem.detail(),
                field,
                problem.errors());
    }

    static Response response(Problem problem) {
        Response.ResponseBuilder response =
                Response.status(problem.status())
                        .type(MediaType.valueOf(MEDIA_TYPE))
                        .entity(of(problem));
        headers(problem).forEach(response::header);
        return response.build();
    }

    private static Map<String, String> headers(Problem problem) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (problem.retryAfter() != null) {
            headers.put(
                    "Retry-After", Long.toString(Math.max(1, problem.retryAfter().toSeconds())));
        }
        if (problem.status() == 401) {
            headers.put("WWW-Authenticate", "Bearer");
        }
        return headers;
    }

    /** Answers where there is no resource whose exceptions are mapped. */
    static void answer(RoutingContext context, Problem problem, ObjectMapper json) {
        try {
            String body = json.writeValueAsString(of(problem));
            headers(problem).forEach(context.response()::putHeader);
            context.response()
                    .setStatusCode(problem.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                    .end(body);
        } catch (JsonProcessingException e) {
            context.fail(e);
        }
    }

    private static String title(int status) {
        if (status == UNPROCESSABLE) {
            return "Unprocessable Content";
        }
        Response.Status known = Response.Status.fromStatusCode(status);
        return known == null ? "Error" : known.getReasonPhrase();
    }
}
