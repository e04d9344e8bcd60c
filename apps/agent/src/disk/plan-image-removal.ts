import type { ContainerImage } from "./container-images.ts";

export type ImageRemoval = { readonly image: ContainerImage; readonly reason: string };

/**
 * The images that nobody needs: no container has them, and none of their names stands in `needs` (texts of unit files, images of releases). A name is looked
 * for as a piece of text, so that what only might be meant is kept. What has no name at all goes first.
 */
export function planImageRemoval(images: readonly ContainerImage[], needs: readonly string[]): readonly ImageRemoval[] {
  const needed = ({ names }: ContainerImage) =>
    names.some((name) => waysToSay(name).some((way) => needs.some((text) => text.includes(way))));
  return images
    .filter((image) => !image.inUse && !needed(image))
    .toSorted((a, b) => a.names.length - b.names.length)
    .map((image) => ({
      image,
      reason:
        image.names.length === 0 ? "it has no name any more" : "no unit, no kept release and no container needs it",
    }));
}

/** `nginx:latest` may be written docker.io/library/nginx, docker.io/nginx or nginx. */
function waysToSay(name: string): readonly string[] {
  const full = name.replace(/^docker\.io\//, "").replace(/^library\//, "");
  return [full, ...(full.endsWith(":latest") ? [full.slice(0, -":latest".length)] : [])];
}
