"""The window of `render_mode="human"`, which pygame draws."""

import gymnasium.error

#: Pixels; the picture is drawn for this size and shrunk to 600×400, so that it is stretched back here.
SIZE = (1000, 800)


class Window:
    """A window with the picture of one environment.

    Attributes
    ----------
    surface : pygame.Surface or None
        None until something is shown.

    Raises
    ------
    gymnasium.error.DependencyNotInstalled
        There is no pygame.
    """

    def __init__(self):
        try:
            import pygame
        except ImportError as error:
            raise gymnasium.error.DependencyNotInstalled(
                'pygame is not installed, run `pip install pygame-ce`; without it, render_mode="rgb_array" gives the pictures'
            ) from error
        self._pygame = pygame
        self._clock = pygame.time.Clock()
        self.surface = None

    def open(self):
        """Opens the window, unless it is open."""
        if self.surface is None:
            self._pygame.display.init()
            self.surface = self._pygame.display.set_mode(SIZE)
            self.caption("CarRacing-v3")

    def caption(self, text):
        """Sets the window's title."""
        self._pygame.display.set_caption(text)

    def show(self, picture, fps, pump=True):
        """Shows a picture, and waits until the next one is due.

        Parameters
        ----------
        picture : ndarray of uint8 [height, width, 3]
        fps : int
            Pictures a second.
        pump : bool, optional
            Whether the window's events are looked after; callers that read the events do it themselves. Default: True.
        """
        pygame = self._pygame
        self.open()
        image = pygame.image.frombuffer(picture.tobytes(), picture.shape[1::-1], "RGB")
        pygame.transform.smoothscale(image, SIZE, self.surface)
        if pump:
            pygame.event.pump()
        self._clock.tick(fps)
        pygame.display.flip()

    def close(self):
        """Closes the window."""
        if self.surface is not None:
            self.surface = None
            self._pygame.display.quit()

    def __reduce__(self):
        # A copy opens a window of its own when it has something to show.
        return Window, ()
