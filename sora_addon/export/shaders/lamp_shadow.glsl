/* Soft shadow of one lamp from depth maps seen from several points of it (percentage-closer soft shadows, Fernando 2005,
   a cell of the lamp for each map), compared with the plane that the receiving surface lies in, so that slanted surfaces
   need next to no bias. */

float map_depth(vec2 place, vec4 tile)
{
  /* place: texels inside the map */
  ivec2 texel = ivec2(tile.xy + clamp(floor(place), vec2(0.0), tile.zw - 1.0));
  return texelFetch(shadow_maps, texel, 0).r;
}

/* Share of the four texels around a place that let light through, bilinear, against the receiver's plane. */
float open_share(vec2 place, vec4 tile, vec2 origin, float depth, vec2 slope, float bias)
{
  vec2 low = floor(place - 0.5);
  vec2 share = place - 0.5 - low;
  vec2 kept = clamp(low, vec2(0.0), tile.zw - 2.0);
  vec4 maps = textureGather(shadow_maps, (tile.xy + kept + 1.0) / vec2(textureSize(shadow_maps, 0)));
  float plane = depth + dot(slope, kept + 0.5 - origin) - bias;
  vec4 planes = plane + vec4(slope.y, slope.x + slope.y, slope.x, 0.0);
  vec4 open = vec4(greaterThanEqual(maps, planes));
  return mix(mix(open.w, open.z, share.x), mix(open.x, open.y, share.x), share.y);
}

int face_of(vec3 from_lamp)
{
  vec3 local = vec3(dot(lamp.axis_x.xyz, from_lamp), dot(lamp.axis_y.xyz, from_lamp), dot(lamp.axis_z.xyz, from_lamp));
  vec3 size = abs(local);
  if (size.z >= max(size.x, size.y)) {
    return local.z <= 0.0 ? 0 : 1;
  }
  if (size.x >= size.y) {
    return local.x >= 0.0 ? 2 : 3;
  }
  return local.y >= 0.0 ? 4 : 5;
}

float seen_from(int one, vec3 point, vec3 flat_side)
{
  int kind = int(lamp.place.w);
  vec3 from_lamp = point - lamp.points[one].xyz;
  int view = lamp.counts.y > 1.5 ? one * 6 + face_of(from_lamp) : one;
  vec4 tile = lamp.tiles[view];
  if (tile.z <= 0.0) {
    return 1.0;
  }
  vec4 clip = lamp.clips[view] * vec4(point, 1.0);
  vec3 place = clip.xyz / clip.w;
  if (clip.w <= 0.0 || any(greaterThan(abs(place.xy), vec2(1.0))) || place.z < -1.0) {
    return 1.0;
  }
  float depth = min(0.5 * place.z + 0.5, 1.0);
  vec2 origin = (0.5 * place.xy + 0.5) * tile.zw;

  /* The receiver's plane in the map: depth is linear in the map's coordinates, in perspective too. */
  vec4 plane = vec4(flat_side, -dot(flat_side, point)) * lamp.backs[view];
  vec2 slope = abs(plane.z) > 1e-9 ? -plane.xy / plane.z / tile.zw : vec2(0.0);
  float texel = lamp.spreads[view].y / (kind == SUN ? 1.0 : clip.w);
  float steep = max(abs(slope.x), abs(slope.y));
  slope *= min(1.0, 24.0 * texel / max(steep, 1e-12));
  float bias = 0.08 * (abs(slope.x) + abs(slope.y)) + 1.0 * texel + 3e-7;

  /* Where a step across the lamp moves the place in the map, for a unit of depth between blocker and receiver. */
  vec3 across, up;
  if (kind == SUN || kind == AREA) {
    across = lamp.axis_x.xyz;
    up = lamp.axis_y.xyz;
  }
  else {
    vec3 ray = normalize(from_lamp);
    across = normalize(cross(ray, abs(ray.z) < 0.7 ? vec3(0.0, 0.0, 1.0) : vec3(1.0, 0.0, 0.0)));
    up = cross(ray, across);
  }
  vec4 clip_x = lamp.clips[view] * vec4(across, 0.0), clip_y = lamp.clips[view] * vec4(up, 0.0);
  vec2 spread_x = 0.5 * (clip_x.xy - place.xy * clip_x.w) * lamp.spreads[view].x * tile.zw;
  vec2 spread_y = 0.5 * (clip_y.xy - place.xy * clip_y.w) * lamp.spreads[view].x * tile.zw;

  vec2 reach = depth * (abs(spread_x) + abs(spread_y)) * lamp.counts.z;
  float most = max(reach.x, reach.y);
  float search = depth * min(1.0, lamp.counts.w * tile.z / max(most, 1e-9));
  float blockers = 0.0, found = 0.0;
  if (most > 0.75) {
    for (int i = 0; i < TAPS; i++) {
      vec4 pair = lamp.taps[one * (TAPS / 2) + i / 2];
      vec2 tap = i % 2 == 0 ? pair.xy : pair.zw;
      vec2 at = floor(origin + search * (tap.x * spread_x + tap.y * spread_y)) + 0.5;
      float blocker = map_depth(at, tile);
      float wanted = depth + dot(slope, at - origin) - bias;
      if (blocker < wanted) {
        blockers += blocker;
        found += 1.0;
      }
    }
    if (found == 0.0) {
      return open_share(origin, tile, origin, depth, slope, bias);
    }
  }
  float gap = found > 0.0 ? max(depth - blockers / found, 0.0) : 0.0;
  gap = min(gap, search);
  vec2 wide = gap * (abs(spread_x) + abs(spread_y)) * lamp.counts.z;
  if (max(wide.x, wide.y) < 0.75) {
    return open_share(origin, tile, origin, depth, slope, bias);
  }
  float open = 0.0;
  for (int i = 0; i < TAPS; i++) {
    vec4 pair = lamp.taps[one * (TAPS / 2) + i / 2];
    vec2 tap = i % 2 == 0 ? pair.xy : pair.zw;
    open += open_share(origin + gap * (tap.x * spread_x + tap.y * spread_y), tile, origin, depth, slope, bias);
  }
  return open / float(TAPS);
}

/* Share of the lamp that is seen: each part counts with the light that it would send (Heitz et al. 2018). */
float lamp_seen(vec3 point, vec3 normal, vec3 flat_side)
{
  int kind = int(lamp.place.w);
  float open = 0.0, all = 0.0;
  for (int one = 0; one < int(lamp.counts.x); one++) {
    vec3 light = kind == SUN ? lamp.points[one].xyz : lamp.points[one].xyz - point;
    float distance2 = max(dot(light, light), 1e-9);
    float weight = max(dot(normal, light) * inversesqrt(distance2), 1e-4) / distance2;
    if (kind == AREA) {
      weight *= max(dot(light, lamp.axis_z.xyz) * inversesqrt(distance2), 1e-4);
    }
    all += weight;
    open += weight * seen_from(one, point, flat_side);
  }
  return all > 0.0 ? open / all : 1.0;
}
