package io.throughline.chassis.http;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.responses.APIResponses;

/**
 * Writes into the description of every route what the chassis answers by itself, and of every error
 * that it is a problem document (RFC 9457). What a route says of a status stands.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class DocumentedProblems implements OASFilter {

    private static final String SCHEMA = "Problem";
    private static final String ROUTES = "/api/";
    private static final String OF_A_CUSTOMER = "/api/customers/{id}";

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        document.getComponents().addSchema(SCHEMA, problem());
        Map<String, PathItem> paths =
                document.getPaths() == null ? Map.of() : document.getPaths().getPathItems();
        paths.forEach((path, item) ->
                item.getOperations()
                        .values()
                        .forEach(operation -> {
                            if (path.startsWith(ROUTES)) {
                                complete(path, item, operation);
                            }
                            tellOfProblems(operation.getResponses());
                        }));
    }

    private static void complete(String path, PathItem item, Operation operation) {
        boolean hasBody = operation.getRequestBody() != null;
        if (hasBody || has(Parameter.In.QUERY, item, operation)) {
            add(operation, 400, "Something is not as expected; errors names each field.");
        }
        if (hasBody) {
            add(operation, 413, "The body is larger than allowed.");
            add(operation, 422, "It is understood and cannot be taken; errors names each field.");
        }
        if (has(Parameter.In.PATH, item, operation)) {
            add(operation, 404, "Nothing is known by this name.");
        }
        if (path.startsWith(OF_A_CUSTOMER)) {
            add(operation, 410, "The customer was erased.");
        }
        add(operation, 503, "Something that this needs is away; try again.");
    }

    private static boolean has(Parameter.In place, PathItem item, Operation operation) {
        return has(place, item.getParameters()) || has(place, operation.getParameters());
    }

    private static boolean has(Parameter.In place, List<Parameter> parameters) {
        return parameters != null && parameters.stream().anyMatch(p -> p.getIn() == place);
    }

    private static void add(Operation operation, int status, String description) {
        String code = Integer.toString(status);
        APIResponses responses = operation.getResponses();
        if (!responses.hasAPIResponse(code)) {
            responses.addAPIResponse(code, OASFactory.createAPIResponse().description(description));
        }
    }

    private static void tellOfProblems(APIResponses responses) {
        responses
                .getAPIResponses()
                .forEach((status, response) -> {
                    if ((status.startsWith("4") || status.startsWith("5"))
                            && response.getContent() == null) {
                        tellOfProblem(response);
                    }
                });
    }

    private static void tellOfProblem(APIResponse response) {
        response.setContent(
                OASFactory.createContent()
                        .addMediaType(
                                ProblemDocument.MEDIA_TYPE,
                                OASFactory.createMediaType()
                                        .schema(OASFactory.createSchema().ref(SCHEMA))));
    }

    private static Schema problem() {
        Schema error =
                object().addProperty("field", text("path of the field, as in steps[2].wait"))
                        .addProperty("detail", text("what was expected"));
        return object().description("RFC 9457")
                .addProperty("type", text("URI of the kind of problem; stable"))
                .addProperty("title", text("of the status"))
                .addProperty("status", OASFactory.createSchema().addType(Schema.SchemaType.INTEGER))
                .addProperty("detail", text("what was wrong and what was expected"))
                .addProperty("field", text("the field that is wrong, where exactly one is"))
                .addProperty(
                        "errors",
                        OASFactory.createSchema().addType(Schema.SchemaType.ARRAY).items(error));
    }

    private static Schema object() {
        return OASFactory.createSchema().addType(Schema.SchemaType.OBJECT);
    }

    private static Schema text(String description) {
        return OASFactory.createSchema().addType(Schema.SchemaType.STRING).description(description);
    }
}
