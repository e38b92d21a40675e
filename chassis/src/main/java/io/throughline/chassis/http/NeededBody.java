package io.throughline.chassis.http;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * What is put somewhere has to be there. A body without a length is known to be empty only when it
 * is read, where a resource gets null for it.
 */
final class NeededBody {

    @ServerRequestFilter
    void check(ContainerRequestContext request) {
        if (request.getMethod().equals(HttpMethod.PUT)
                && request.getHeaderString("Transfer-Encoding") == null
                && isZero(request.getHeaderString(HttpHeaders.CONTENT_LENGTH))) {
            throw Problem.badRequest("body", "expected a body, was empty");
        }
    }

    private static boolean isZero(@Nullable String length) {
        return length == null || length.strip().equals("0");
    }
}
