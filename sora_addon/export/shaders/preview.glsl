/* The lit draft that artists see: matte light, highlights, reflections by Fresnel (Schlick 1994) through the split-sum
   approximation of a rough surface (Karis 2014), what shines by itself, and the sky. */
void main()
{
  ivec2 pixel = ivec2(gl_FragCoord.xy);
  vec4 here = surface_at(pixel);
  if (here.w <= 0.0) {
    out_color = vec4(frame.world.rgb * texelFetch(base_picture, pixel, 0).a + frame.world.rgb, 1.0);
    return;
  }
  vec3 point = point_of(gl_FragCoord.xy, here.w);
  vec3 base = texelFetch(base_picture, pixel, 0).rgb;
  vec4 look = material_at(pixel, 0);
  float roughness = look.x, metallic = look.y, clear = look.z * (1.0 - look.y);
  float open = texelFetch(shares, pixel, 0).x;
  vec3 light = texelFetch(lamp_light, pixel, 0).rgb + frame.world.rgb * open;
  vec3 gloss = texelFetch(lamp_gloss, pixel, 0).rgb;

  vec3 head_on = mix(vec3(look.w), base, metallic);
  float nv = clamp(dot(here.xyz, to_camera(point)), 0.0, 1.0);
  vec4 r = roughness * vec4(-1.0, -0.0275, -0.572, 0.022) + vec4(1.0, 0.0425, 1.04, -0.04);
  float a = min(r.x * r.x, exp2(-9.28 * nv)) * r.x + r.y;
  vec2 split = vec2(-1.04, 1.04) * a + r.zw;
  vec3 mirrored = head_on * split.x + split.y;

  /* Rough surfaces mirror a cone: between the sharp mirror and the light from all around. */
  vec4 sharp = texelFetch(reflection, pixel, 0);
  vec3 around = mix(frame.world.rgb * open, light, 0.3);
  vec3 seen = mix(sharp.rgb, around, smoothstep(0.05, 0.6, roughness));

  vec3 matte = base * (1.0 - metallic) * (1.0 - mirrored);
  vec3 through = base * frame.world.rgb;
  out_color = vec4(matte * mix(light, frame.world.rgb, clear) + mirrored * seen + head_on * gloss +
                   material_at(pixel, 1).rgb, 1.0);
}
