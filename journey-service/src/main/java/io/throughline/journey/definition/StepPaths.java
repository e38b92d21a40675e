package io.throughline.journey.definition;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a step stands in its document, as in {@code steps[3].branch[0].then[1].send}. The same path
 * names the step in flaws, decision records and message ids.
 */
public final class StepPaths {

    private StepPaths() {}

    /** The path of the step at an index of a list that stands at {@code within}. */
    public static String of(String within, int index, Step step) {
        return within + "[" + index + "]." + step.word();
    }

    /** The lists of steps within a step, by where each stands. */
    public static Map<String, List<Step>> nested(String path, Step step) {
        Map<String, List<Step>> lists = new LinkedHashMap<>();
        switch (step) {
            case Step.WaitFor waitFor -> {
                lists.put(path + ".then", waitFor.then());
                lists.put(path + ".else", waitFor.otherwise());
            }
            case Step.Send send -> lists.put(path + ".unless-denied.then", send.unlessDenied());
            case Step.Branch branch -> {
                for (int i = 0; i < branch.arms().size(); i++) {
                    lists.put(path + "[" + i + "].then", branch.arms().get(i).then());
                }
                lists.put(path + "[" + branch.arms().size() + "].else", branch.otherwise());
            }
            case Step.Wait wait -> {}
            case Step.Exit exit -> {}
        }
        return lists;
    }
}
