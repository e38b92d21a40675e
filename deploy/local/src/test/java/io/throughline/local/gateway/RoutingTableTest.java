package io.throughline.local.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.throughline.local.Service;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutingTableTest {

    @ParameterizedTest(name = "{0} goes to {1}")
    @CsvSource({
        "/v1/track,                            IDENTITY",
        "/v1/batch,                            IDENTITY",
        "/v1/t,                                IDENTITY",
        "/v1/import/,                          IDENTITY",
        "/v1/identity,                         IDENTITY",
        "/v1/projects/wk/settings,             IDENTITY",
        "/beacon/v1/batch,                     IDENTITY",
        "/pixel/v1/track,                      IDENTITY",
        "/api/sources/web-shop/keys,           IDENTITY",
        "/api/events,                          IDENTITY",
        "/api/customers,                       IDENTITY",
        "/api/customers/c1,                    IDENTITY",
        "/api/customers/c1/timeline,           IDENTITY",
        "/api/customers/c1/consents,           IDENTITY",
        "/api/customers/c1/decisions,          ATTRIBUTION",
        "/api/customers/c1/decisions/d1,       IDENTITY",
        "/api/consents,                        IDENTITY",
        "/api/segments/big-spenders,           IDENTITY",
        "/api/journeys,                        JOURNEY",
        "/api/journeys/cart-abandonment,       JOURNEY",
        "/api/journeys/cart/dry-runs,          JOURNEY",
        "/api/dry-runs/1,                      JOURNEY",
        "/api/contact-policy,                  JOURNEY",
        "/api/templates/cart-first,            CHANNEL",
        "/api/channels,                        CHANNEL",
        "/api/messages/m1,                     CHANNEL",
        "/api/inbox/stream,                    CHANNEL",
        "/webhooks/whatsapp,                   CHANNEL",
        "/c/token,                             CHANNEL",
        "/o/token,                             CHANNEL",
        "/u/token,                             CHANNEL",
        "/api/reports/lift,                    ATTRIBUTION",
    })
    void eachPathOfTheOutsideContractHasItsService(String path, Service service) {
        assertThat(RoutingTable.route(path)).isEqualTo(new RoutingTable.Route.To(service, path));
    }

    @ParameterizedTest(name = "{0} is {2} at {1}")
    @CsvSource({
        "/services/identity/q/health/ready, IDENTITY,    /q/health/ready",
        "/services/journey/q/metrics,       JOURNEY,     /q/metrics",
        "/services/channel/q/openapi,       CHANNEL,     /q/openapi",
        "/services/attribution/q,           ATTRIBUTION, /q",
        "//v1/import/,                      IDENTITY,    /v1/import/",
        "/v1//track,                        IDENTITY,    /v1/track",
    })
    void operationsLoseTheirPrefixAndPathsTheirSpareSlashes(
            String path, Service service, String inner) {
        assertThat(RoutingTable.route(path)).isEqualTo(new RoutingTable.Route.To(service, inner));
    }

    @ParameterizedTest(name = "{0} is served by nobody")
    @ValueSource(
            strings = {
                "/internal",
                "/internal/gate/hydrate",
                "/internal/links",
                "//internal//links",
                "/beacon",
                "/pixel/v2/track",
                "/services/identity/internal/gate/hydrate",
                "/services/identity/v1/track",
                "/services/nobody/q/health",
                "/q/health",
                "/v1x",
                "/customers",
                "/api",
                "/api/unknown",
                "/cc/token",
            })
    void nothingElseIsServed(String path) {
        assertThat(RoutingTable.route(path)).isEqualTo(new RoutingTable.Route.Nowhere());
    }

    @ParameterizedTest(name = "{0} is refused")
    @ValueSource(
            strings = {
                "/v1/../internal/gate",
                "/v1/%2e%2e/internal/gate",
                "/v1/%2E./internal/gate",
                "/v1/./track",
                "/v1/%2e%2e%2finternal",
                "/v1/..%5cinternal",
                "/v1/%zz",
            })
    void aPathThatClimbsIsRefused(String path) {
        assertThat(RoutingTable.route(path)).isEqualTo(new RoutingTable.Route.Malformed());
    }
}
