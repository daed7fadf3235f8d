// Presenter
