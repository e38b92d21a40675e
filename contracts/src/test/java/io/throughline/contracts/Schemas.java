package io.throughline.contracts;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.victools.jsonschema.generator.CustomDefinition;
import com.github.victools.jsonschema.generator.FieldScope;
import com.github.victools.jsonschema.generator.Option;
import com.github.victools.jsonschema.generator.OptionPreset;
import com.github.victools.jsonschema.generator.SchemaGenerationContext;
import com.github.victools.jsonschema.generator.SchemaGenerator;
import com.github.victools.jsonschema.generator.SchemaGeneratorConfigBuilder;
import com.github.victools.jsonschema.generator.SchemaVersion;
import com.github.victools.jsonschema.module.jackson.JacksonModule;
import com.github.victools.jsonschema.module.jackson.JacksonOption;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The JSON Schema of each contract record, read off the record itself. */
final class Schemas {

    private final SchemaGenerator generator;

    Schemas() {
        SchemaGeneratorConfigBuilder config =
                new SchemaGeneratorConfigBuilder(
                                SchemaVersion.DRAFT_2020_12, OptionPreset.PLAIN_JSON)
                        .with(Option.EXTRA_OPEN_API_FORMAT_VALUES)
                        .with(Option.MAP_VALUES_AS_ADDITIONAL_PROPERTIES)
                        .with(
                                new JacksonModule(
                                        JacksonOption.FLATTENED_ENUMS_FROM_JSONVALUE,
                                        JacksonOption.IGNORE_TYPE_INFO_TRANSFORM));
        config.forFields().withRequiredCheck(field -> !isNullable(field));
        config.forFields()
                .withInstanceAttributeOverride((node, field, context) -> asText(node, field));
        config.forTypesInGeneral()
                .withCustomDefinitionProvider(
                        (type, context) -> writtenAsValue(type.getErasedType(), context));
        generator = new SchemaGenerator(config.build());
    }

    ObjectNode of(Class<? extends ContractEvent> event) {
        ObjectNode schema = generator.generateSchema(event);
        schema.put("$id", "https://throughline.io/schemas/" + EventTypes.typeOf(event) + ".json");
        schema.put("title", event.getSimpleName());
        return schema;
    }

    private static boolean isNullable(FieldScope field) {
        return field.getRawMember().getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static void asText(ObjectNode node, FieldScope field) {
        JsonFormat format = field.getAnnotation(JsonFormat.class);
        if (format != null && format.shape() == JsonFormat.Shape.STRING) {
            node.put("type", "string");
        }
    }

    private static @Nullable CustomDefinition writtenAsValue(
            Class<?> type, SchemaGenerationContext context) {
        if (type.isEnum() || type == UUID.class) {
            return null;
        }
        Optional<Method> value =
                Arrays.stream(type.getDeclaredMethods())
                        .filter(m -> m.isAnnotationPresent(JsonValue.class))
                        .findFirst();
        return value.map(m ->
                        new CustomDefinition(
                                context.createDefinition(
                                        context.getTypeContext().resolve(m.getReturnType())),
                                true))
                .orElse(null);
    }
}
