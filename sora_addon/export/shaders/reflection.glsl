/* Where a mirror's ray meets the depth buffer: steps along the ray in the picture, then halving (McGuire and Mara 2014). */
void main()
{
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 here = surface_at(pixel);
  out_color = vec4(frame.world.rgb, 0.0);
  if (here.w <= 0.0) {
    return;
  }
  vec3 point = point_of(gl_FragCoord.xy, here.w);
  vec3 ray = reflect(-to_camera(point), here.xyz);
  /* As far as the ray stays in front of the camera and inside the picture. */
  float longest = scale.x;
  if (!is_orthographic() && ray.z < 0.0) {
    longest = min(longest, 0.98 * here.w / -ray.z);
  }
  vec3 end = point + ray * longest;
  vec2 start = gl_FragCoord.xy, finish = project(end);
  vec2 way = finish - start;
  vec2 room = (vec2(greaterThan(way, vec2(0.0))) * frame.size.xy - start) / (abs(way) + 1e-6) * sign(way + 1e-9);
  float share = clamp(min(abs(room.x), abs(room.y)), 0.0, 1.0);
  way *= share;
  float length_ = max(abs(way.x), abs(way.y));
  if (length_ < 1.5) {
    return;
  }
  /* 1 / z is linear in the picture under perspective, z itself is in an orthographic one. */
  float k0 = is_orthographic() ? point.z : 1.0 / point.z;
  float k1 = is_orthographic() ? end.z : 1.0 / end.z;
  k1 = mix(k0, k1, share);
  float before = here.w;
  float last = 0.0;
  int steps = int(min(length_, float(STEPS)));
  for (int i = 1; i <= STEPS; i++) {
    if (i > steps) {
      break;
    }
    float part = float(i) / float(steps);
    /* Fine at first, where contacts are, coarse far away. */
    part = mix(part, part * part, clamp(1.0 - float(steps) / length_, 0.0, 0.75));
    vec2 at = start + way * part;
    float k = mix(k0, k1, part);
    float depth = is_orthographic() ? k : 1.0 / k;
    ivec2 texel = inside(ivec2(at));
    float seen = surface_at(texel).w;
    float nearer = min(depth, before), further = max(depth, before);
    if (seen > 0.0 && further > seen && texel != pixel && i > 0) {
      float thick = scale.y * seen + (further - nearer);
      if (nearer - seen < thick) {
        float low = last, high = part;
        for (int j = 0; j < 5; j++) {
          float middle = 0.5 * (low + high);
          float km = mix(k0, k1, middle);
          float ray_depth = is_orthographic() ? km : 1.0 / km;
          float found = surface_at(inside(ivec2(start + way * middle))).w;
          bool behind = found > 0.0 && ray_depth > found;
          high = behind ? middle : high;
          low = behind ? low : middle;
        }
        ivec2 hit = inside(ivec2(start + way * high));
        vec4 there = surface_at(hit);
        float kh = mix(k0, k1, high);
        float hit_depth = is_orthographic() ? kh : 1.0 / kh;
        if (there.w > 0.0 && abs(hit_depth - there.w) < scale.y * there.w && dot(there.xyz, ray) < 0.0) {
          out_color = vec4(texelFetch(draft, hit, 0).rgb, 1.0);
          return;
        }
      }
    }
    before = depth;
    last = part;
  }
}
