package io.throughline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The base, rendered and held against the Kubernetes API types. */
class BaseTest {

    private static final List<String> SERVICES =
            List.of("identity", "journey", "channel", "attribution");

    private final Kustomization base;

    BaseTest() throws IOException {
        base = Kustomization.render(Path.of("base"));
    }

    @Test
    void everyFieldIsKnownToTheApi() {
        for (HasMetadata resource : base.resources()) {
            assertThat(Kustomization.unknownFields(resource))
                    .as("%s %s", resource.getKind(), resource.getMetadata().getName())
                    .isEmpty();
        }
    }

    @Test
    void aMisspeltFieldWouldBeFound() {
        Deployment misspelt =
                new KubernetesSerialization()
                        .unmarshal(
                                """
                                apiVersion: apps/v1
                                kind: Deployment
                                metadata: { name: x }
                                spec: { template: { spec: { containers: [ { name: x, readynessProbe: {} } ] } } }
                                """,
                                Deployment.class);
        assertThat(Kustomization.unknownFields(misspelt))
                .anyMatch(field -> field.endsWith("Containers[].readynessProbe"));
    }

    @Test
    void everyServiceIsADeploymentWithProbesAndResources() {
        for (String name : SERVICES) {
            Container container = containerOf(name);
            assertThat(container.getStartupProbe().getHttpGet().getPath())
                    .isEqualTo("/q/health/started");
            assertThat(container.getLivenessProbe().getHttpGet().getPath())
                    .isEqualTo("/q/health/live");
            assertThat(container.getReadinessProbe().getHttpGet().getPath())
                    .isEqualTo("/q/health/ready");
            assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
            assertThat(container.getResources().getLimits()).containsKey("memory");
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        }
    }

    @Test
    void everySelectorFindsItsPods() {
        for (String name : SERVICES) {
            Map<String, String> pod =
                    deployment(name).getSpec().getTemplate().getMetadata().getLabels();
            assertThat(pod)
                    .containsAllEntriesOf(
                            deployment(name).getSpec().getSelector().getMatchLabels());
            Service service = base.only(Service.class, name);
            assertThat(pod).containsAllEntriesOf(service.getSpec().getSelector());
        }
    }

    @Test
    void noSecretStandsInTheManifests() {
        for (String name : SERVICES) {
            for (EnvVar variable : containerOf(name).getEnv()) {
                if (variable.getName().matches(".*(PASSWORD|TOKEN|SECRET|WRITE_KEYS|USERNAME).*")) {
                    assertThat(variable.getValue()).as(variable.getName()).isNull();
                    assertThat(variable.getValueFrom().getSecretKeyRef())
                            .as(variable.getName())
                            .isNotNull();
                }
            }
        }
        assertThat(base.all(ConfigMap.class).flatMap(c -> c.getData().keySet().stream()))
                .noneMatch(key -> key.matches(".*(PASSWORD|TOKEN|SECRET).*"));
    }

    @Test
    void everyConfigMapThatIsReferredToExists() {
        for (String name : SERVICES) {
            containerOf(name)
                    .getEnvFrom()
                    .forEach(from -> base.only(ConfigMap.class, from.getConfigMapRef().getName()));
        }
    }

    @Test
    void theIngressLeadsToServicesThatExistAndNeverToInternalRoutes() {
        List<io.fabric8.kubernetes.api.model.networking.v1.HTTPIngressPath> paths =
                base.all(Ingress.class)
                        .flatMap(i -> i.getSpec().getRules().stream())
                        .flatMap(r -> r.getHttp().getPaths().stream())
                        .toList();
        assertThat(paths).isNotEmpty();
        for (var path : paths) {
            base.only(Service.class, path.getBackend().getService().getName());
            assertThat("/internal/gate").doesNotStartWith(path.getPath());
        }
    }

    @Test
    void theIngressLeadsEverythingThatTakesEventsToIdentity() {
        assertThat(
                        base.all(Ingress.class)
                                .flatMap(i -> i.getSpec().getRules().stream())
                                .flatMap(r -> r.getHttp().getPaths().stream())
                                .filter(p ->
                                        p.getBackend().getService().getName().equals("identity"))
                                .map(p -> p.getPath()))
                .contains(
                        "/v1",
                        "/beacon/v1",
                        "/pixel/v1",
                        "/api/sources",
                        "/api/events",
                        "/api/segments",
                        "/api/identity-rules");
    }

    @Test
    void everythingIsInTheNamespaceWithAPinnedImage() {
        assertThat(base.resources())
                .allSatisfy(
                        r -> assertThat(r.getMetadata().getNamespace()).isEqualTo("throughline"));
        assertThat(SERVICES.stream().map(s -> containerOf(s).getImage()))
                .containsExactlyElementsOf(
                        Stream.of("identity", "journey", "channel", "attribution")
                                .map(s -> "throughline/" + s + "-service:0.1.0")
                                .toList());
    }

    private Deployment deployment(String name) {
        return base.only(Deployment.class, name);
    }

    private Container containerOf(String name) {
        return deployment(name).getSpec().getTemplate().getSpec().getContainers().getFirst();
    }
}
