/* Ground-truth ambient occlusion (Jimenez et al. 2016): in slices through the eye's ray, how high the depth buffer rises on
   either side, cosine weighted in closed form. What the camera does not see cannot occlude. */

float arc(float horizon, float tilt)
{
  return 0.25 * (cos(tilt) + 2.0 * horizon * sin(tilt) - cos(2.0 * horizon - tilt));
}

void main()
{
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 here = surface_at(pixel);
  out_share = vec4(1.0);
  if (here.w <= 0.0) {
    return;
  }
  vec3 point = point_of(gl_FragCoord.xy, here.w);
  vec3 eye = to_camera(point);
  vec3 normal = here.xyz;
  /* A step off the surface, or flat ground seen at a slant occludes itself. */
  float radius = scale.x;
  float pixels = radius * frame.lens.x / (is_orthographic() ? 1.0 : here.w);
  if (pixels < 1.5) {
    return;
  }
  float reach = min(pixels, scale.y);
  radius *= reach / pixels;
  /* Turned and shifted over a tile of 4 x 4, which the blur takes out again exactly. */
  ivec2 cell = pixel & 3;
  float turn = (float((cell.x + cell.y * 2) & 3) * 4.0 + float((cell.y + cell.x * 3) & 3) + 0.5) / 16.0;
  float shift = (float((cell.x * 2 + cell.y) & 3) + 0.5) / 4.0;
  float open = 0.0;
  for (int slice = 0; slice < SLICES; slice++) {
    float angle = PI * (float(slice) + turn) / float(SLICES);
    vec2 along = vec2(cos(angle), sin(angle));
    vec3 side = vec3(along, 0.0);
    vec3 flat_side = side - dot(side, eye) * eye;
    vec3 axis = normalize(cross(flat_side, eye));
    vec3 projected = normal - axis * dot(normal, axis);
    float size = max(length(projected), 1e-5);
    float cosine = clamp(dot(projected, eye) / size, -1.0, 1.0);
    float tilt = sign(dot(flat_side, projected)) * acos(cosine);
    float heights[2];
    for (int way = 0; way < 2; way++) {
      float toward = way == 0 ? -1.0 : 1.0;
      float lowest = cos(tilt + toward * 0.5 * PI);
      float highest = lowest;
      for (int i = 0; i < STEPS; i++) {
        float part = (float(i) + shift) / float(STEPS);
        float away = max(part * part * reach, 1.0 + float(i));
        ivec2 at = ivec2(floor(gl_FragCoord.xy + toward * along * away));
        if (at != inside(at)) {
          break;
        }
        float depth = surface_at(at).w;
        if (depth <= 0.0) {
          continue;
        }
        vec3 ray = point_of(vec2(at) + 0.5, depth) - point;
        float distance2 = dot(ray, ray);
        float fade = clamp(2.0 - 2.0 * sqrt(distance2) / radius, 0.0, 1.0);
        float height = dot(ray, eye) * inversesqrt(max(distance2, 1e-12));
        highest = max(highest, mix(lowest, height, fade));
      }
      heights[way] = acos(clamp(highest, -1.0, 1.0));
    }
    float left = tilt + max(-heights[0] - tilt, -0.5 * PI);
    float right = tilt + min(heights[1] - tilt, 0.5 * PI);
    open += size * (arc(left, tilt) + arc(right, tilt));
  }
  out_share = vec4(clamp(open / float(SLICES), 0.0, 1.0));
}
