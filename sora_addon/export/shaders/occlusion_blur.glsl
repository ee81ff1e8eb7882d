/* One direction of a box of four texels (half weights at its five ends), over what lies on the same plane. */
void main()
{
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 here = surface_at(pixel);
  if (here.w <= 0.0) {
    out_share = vec4(1.0);
    return;
  }
  vec3 point = point_of(gl_FragCoord.xy, here.w);
  float near_by = 4.0 * here.w / frame.lens.x * (is_orthographic() ? 1.0 / here.w : 1.0);
  float sum = 0.0, weights = 0.0;
  for (int i = -2; i <= 2; i++) {
    ivec2 at = pixel + ivec2(way) * i;
    if (at != inside(at)) {
      continue;
    }
    vec4 there = surface_at(at);
    vec3 ray = point_of(vec2(at) + 0.5, there.w) - point;
    bool same = there.w > 0.0 && abs(dot(ray, here.xyz)) < near_by && dot(there.xyz, here.xyz) > 0.8;
    float weight = (abs(i) == 2 ? 0.5 : 1.0) * (same || i == 0 ? 1.0 : 0.0);
    sum += weight * texelFetch(shares, at, 0).x;
    weights += weight;
  }
  out_share = vec4(sum / weights);
}
