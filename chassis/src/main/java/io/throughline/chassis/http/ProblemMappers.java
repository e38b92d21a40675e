package io.throughline.chassis.http;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Every error leaves as a problem document, whoever threw it. */
final class ProblemMappers {

    /** Quarkus says so of a body whose length was not told beforehand. */
    private static final String TOO_LARGE = "Request too large";

    @ServerExceptionMapper
    Response problem(Problem problem) {
        return ProblemDocument.response(problem);
    }

    @ServerExceptionMapper
    Response json(JsonProcessingException e) {
        return ProblemDocument.response(JsonProblems.of(e));
    }

    @ServerExceptionMapper
    Response mapping(JsonMappingException e) {
        return ProblemDocument.response(JsonProblems.of(e));
    }

    /** Quarkus has one of its own for this, which would answer in its own way. */
    @ServerExceptionMapper
    Response mismatched(MismatchedInputException e) {
        return ProblemDocument.response(JsonProblems.of(e));
    }

    @ServerExceptionMapper
    Response parse(JsonParseException e) {
        return ProblemDocument.response(JsonProblems.of(e));
    }

    @ServerExceptionMapper
    Response violations(ConstraintViolationException e) {
        return ProblemDocument.response(
                Problem.of(
                        e.getConstraintViolations().stream()
                                .map(v -> new Problem.FieldError(fieldOf(v), v.getMessage()))
                                .toList()));
    }

    @ServerExceptionMapper
    Response unauthorized(UnauthorizedException e) {
        return ProblemDocument.response(needsToken());
    }

    @ServerExceptionMapper
    Response authenticationFailed(AuthenticationFailedException e) {
        return ProblemDocument.response(needsToken());
    }

    @ServerExceptionMapper
    Response forbidden(ForbiddenException e) {
        return ProblemDocument.response(
                Problem.of(403, "forbidden", "the token's role does not allow this", List.of()));
    }

    @ServerExceptionMapper
    Response web(WebApplicationException e) {
        if (e.getCause() instanceof JsonProcessingException json) {
            return json(json);
        }
        if (e.getCause() instanceof Problem problem) {
            return problem(problem);
        }
        int status = e.getResponse().getStatus();
        if (status < 400) {
            return e.getResponse();
        }
        return ProblemDocument.response(
                Problem.of(status, "http-" + status, webDetail(status, e), List.of()));
    }

    @ServerExceptionMapper
    Response other(Throwable e) {
        return ProblemDocument.response(
                TOO_LARGE.equals(e.getMessage())
                        ? Problem.tooLarge("see the documentation")
                        : Problems.of(e));
    }

    private static Problem needsToken() {
        return Problem.unauthorized(
                "a valid bearer token is needed: Authorization: Bearer <API token>");
    }

    private static String webDetail(int status, WebApplicationException e) {
        return switch (status) {
            case 404 -> "nothing is here";
            case 405 -> "this method is not allowed here";
            case 415 -> "this content type is not understood here";
            case 413 -> "the body is larger than allowed";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** The path as the caller knows it: without the Java method and parameter in front. */
    private static String fieldOf(ConstraintViolation<?> violation) {
        String path = violation.getPropertyPath().toString();
        int method = path.indexOf('.');
        int parameter = path.indexOf('.', method + 1);
        return path.substring((parameter > 0 ? parameter : method) + 1);
    }
}
