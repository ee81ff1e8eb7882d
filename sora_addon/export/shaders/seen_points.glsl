/* A sparse grid of what is seen, to fit shadow maps to. */
void main()
{
  ivec2 cell = ivec2(gl_FragCoord.xy);
  ivec2 pixel = inside(cell * int(stride) + ivec2(int(stride) / 2));
  float depth = surface_at(pixel).w;
  out_point = depth > 0.0 ? vec4(point_of(vec2(pixel) + 0.5, depth), 1.0) : vec4(0.0);
}
