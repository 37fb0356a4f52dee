/** One kind of operation, done by its number. */
interface Operation {
    /** Asked for and answered. */
    void one(int number) throws Exception;

    /** Asked for; the callback tells the window, with the context that it was given. */
    void ask(int number, Window window, Object context);
}
