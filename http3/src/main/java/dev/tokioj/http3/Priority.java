package dev.tokioj.http3;

/**
 * The priority of a response (RFC 9218 section 4): {@code urgency} 0 (first) to 7, and whether it is of use {@code incremental}ly.
 */
public record Priority(int urgency, boolean incremental) {
    /** What holds where nothing is said (section 4). */
    public static final Priority DEFAULT = new Priority(3, false);

    /** An urgency outside 0 to 7 is the caller's bug. */
    public Priority {
        if (urgency < 0 || urgency > 7) {
            throw new IllegalArgumentException("urgency " + urgency);
        }
    }

    /**
     * Reads a priority field value, a dictionary of structured fields (section 5). Members that are unknown or whose value is of
     * the wrong type or range are ignored, as section 4 wants; so is a text that is no dictionary, from where it goes wrong.
     */
    public static Priority parse(String text) {
        int urgency = DEFAULT.urgency;
        boolean incremental = DEFAULT.incremental;
        for (String member : text.split(",", -1)) {
            int parameters = member.indexOf(';');
            String item = (parameters < 0 ? member : member.substring(0, parameters)).strip();
            switch (item) {
                case "i", "i=?1" -> incremental = true;
                case "i=?0" -> incremental = false;
                default -> {
                    if (item.length() == 3 && item.startsWith("u=") && item.charAt(2) >= '0' && item.charAt(2) <= '7') {
                        urgency = item.charAt(2) - '0';
                    }
                }
            }
        }
        return new Priority(urgency, incremental);
    }

    /** The priority as a field value (section 5). */
    public String fieldValue() {
        return "u=" + urgency + (incremental ? ", i" : "");
    }
}
