// The addresses of a farm's hardware.
import { sql } from "./installation";

/** The path of a page with the ids of the farm's first device in use and of its controller in place of `{device}`
    and `{node}`, and of its first switch in place of `{switch}`. */
export function hardwarePath(name: string, farm: string): string {
  if (!/\{(device|node|switch)\}/.test(name)) return name;
  const isSwitch = name.includes("{switch}") ? "type IN ('relay', 'gpio', 'pwm', 'servo')" : "true";
  const first = `FROM devices WHERE farm_id = '${farm}' AND approved_at IS NOT NULL AND is_active AND deleted_at IS NULL AND ${isSwitch} ORDER BY position, name, id LIMIT 1`;
  const [device, node] = sql(`SELECT id || ' ' || node_id ${first}`).split(" ");
  return name.replace("{device}", device).replace("{switch}", device).replace("{node}", node);
}
