package io.throughline.journey.dryrun;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.throughline.contracts.json.ContractJson;

/** Writes a report. */
final class DryRunJson {

    private DryRunJson() {}

    static String write(DryRunReport report) {
        try {
            return ContractJson.mapper().writeValueAsString(report);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a report is always JSON", e);
        }
    }
}
