package io.throughline.chassis.security;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens of our own. One that is not ours is left to OIDC where that is configured, and is
 * refused otherwise.
 */
@ApplicationScoped
final class ApiTokenMechanism implements HttpAuthenticationMechanism {

    private static final String BEARER = "Bearer ";

    private final Tokens tokens;

    ApiTokenMechanism(TokenConfiguration configuration) {
        this.tokens = Tokens.parse(configuration.tokens(), configuration.serviceToken());
    }

    @Override
    public Uni<SecurityIdentity> authenticate(
            RoutingContext context, IdentityProviderManager providers) {
        String token = bearer(context.request().getHeader(HttpHeaderNames.AUTHORIZATION));
        Set<String> roles = token == null ? Set.of() : tokens.rolesOf(token);
        return roles.isEmpty()
                ? Uni.createFrom().nullItem()
                : Uni.createFrom().item(identity(roles));
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext context) {
        return Uni.createFrom()
                .item(
                        new ChallengeData(
                                HttpResponseStatus.UNAUTHORIZED.code(),
                                HttpHeaderNames.WWW_AUTHENTICATE,
                                "Bearer"));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of();
    }

    /** Before OIDC, which would answer a token it cannot read with a refusal. */
    @Override
    public int getPriority() {
        return DEFAULT_PRIORITY + 1000;
    }

    private static @Nullable String bearer(@Nullable String header) {
        return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).strip()
                : null;
    }

    private static SecurityIdentity identity(Set<String> roles) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new QuarkusPrincipal("api-token"))
                .addRoles(roles)
                .build();
    }
}
