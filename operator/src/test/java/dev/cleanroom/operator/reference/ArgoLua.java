package dev.cleanroom.operator.reference;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.luaj.vm2.Globals;
import org.luaj.vm2.LoadState;
import org.luaj.vm2.LuaTable;
import org.luaj.vm2.LuaValue;
import org.luaj.vm2.compiler.LuaC;
import org.luaj.vm2.lib.BaseLib;
import org.luaj.vm2.lib.PackageLib;
import org.luaj.vm2.lib.TableLib;

/** Runs a health check as Argo CD does: the resource is {@code obj}, and of the libraries there are the base and tables. */
final class ArgoLua {
    private ArgoLua() {}

    static Map<String, String> health(String script, Map<String, Object> resource) {
        Globals globals = new Globals();
        globals.load(new BaseLib());
        globals.load(new PackageLib());
        globals.load(new TableLib());
        LoadState.install(globals);
        LuaC.install(globals);
        globals.set("obj", lua(resource));
        LuaTable answer = globals.load(script, "health").call().checktable();
        Map<String, String> health = new LinkedHashMap<>();
        for (LuaValue key : answer.keys()) {
            health.put(key.checkjstring(), answer.get(key).checkjstring());
        }
        return health;
    }

    private static LuaValue lua(Object json) {
        return switch (json) {
            case Map<?, ?> map -> {
                LuaTable table = new LuaTable();
                map.forEach((key, value) -> table.set(String.valueOf(key), lua(value)));
                yield table;
            }
            case List<?> list -> LuaValue.listOf(list.stream().map(ArgoLua::lua).toArray(LuaValue[]::new));
            // Argo CD reads JSON, in which every number is a double.
            case Integer number -> LuaValue.valueOf(number.doubleValue());
            case Boolean bool -> LuaValue.valueOf(bool);
            default -> LuaValue.valueOf(String.valueOf(json));
        };
    }
}
