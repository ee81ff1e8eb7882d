/* What the camera sees, from the G-buffer. Camera axes: x right, y down, z forward, metres; texel (i, j) is pixel (i, j). */

#define PI 3.14159265358979

vec4 surface_at(ivec2 pixel)
{
  return texelFetch(surface_picture, pixel, 0);
}

bool is_orthographic()
{
  return frame.size.w != 0.0;
}

vec3 point_of(vec2 place, float depth)
{
  vec2 across = (place - frame.lens.zw) / frame.lens.xy;
  return vec3(is_orthographic() ? across : across * depth, depth);
}

vec3 point_at(ivec2 pixel)
{
  return point_of(vec2(pixel) + 0.5, surface_at(pixel).w);
}

/* Unit, from the point to the camera. */
vec3 to_camera(vec3 point)
{
  return is_orthographic() ? vec3(0.0, 0.0, -1.0) : -normalize(point);
}

vec2 project(vec3 point)
{
  return (is_orthographic() ? point.xy : point.xy / point.z) * frame.lens.xy + frame.lens.zw;
}

ivec2 inside(ivec2 pixel)
{
  return clamp(pixel, ivec2(0), ivec2(frame.size.xy) - 1);
}

/* The normal of the flat triangle: from the neighbour on either axis that best goes on with this surface, towards the
   camera. The shading normal where none does, as on edges. */
vec3 flat_normal(ivec2 pixel, vec4 here)
{
  vec3 point = point_of(vec2(pixel) + 0.5, here.w);
  vec3 sides[2];
  for (int axis = 0; axis < 2; axis++) {
    float best = 1e30;
    sides[axis] = vec3(0.0);
    for (int way = -1; way <= 1; way += 2) {
      ivec2 other = pixel + (axis == 0 ? ivec2(way, 0) : ivec2(0, way));
      if (other == inside(other)) {
        vec4 there = surface_at(other);
        float jump = abs(there.w - here.w);
        if (there.w > 0.0 && dot(there.xyz, here.xyz) > 0.8 && jump < best) {
          best = jump;
          sides[axis] = (point_of(vec2(other) + 0.5, there.w) - point) * float(way);
        }
      }
    }
  }
  vec3 normal = cross(sides[1], sides[0]);
  float size = length(normal);
  normal = size > 0.0 ? normal / size : here.xyz;
  return dot(normal, here.xyz) > 0.85 ? normal : here.xyz;
}
