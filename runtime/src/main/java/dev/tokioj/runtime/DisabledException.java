package dev.tokioj.runtime;

import java.io.Serial;

/** Something was used that a setting of {@link RuntimeConfig} has switched off. */
public final class DisabledException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1;

    private final String setting;

    DisabledException(String setting, String what) {
        super(what + " needs RuntimeConfig." + setting + ", which this runtime was started without");
        this.setting = setting;
    }

    /** The name of the setting: {@code enableIo} or {@code enableTimers}. */
    public String setting() {
        return setting;
    }
}
